/** What stands where data will, may or cannot. */
import { Alert, Button, Center, Code, List, Skeleton, Stack, Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Problem } from "../api/client";
import { worded } from "./worded";

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <Center p="lg" mih={96}>
      <Stack
        gap={4}
        align="center"
        maw={420}
        miw={0}
        style={{ overflowWrap: "anywhere" }} // paths are long, and have no gaps
      >
        <Text size="sm" fw={500} c="dimmed">
          {title}
        </Text>
        {children && (
          <Text size="xs" c="dimmed" ta="center" component="div">
            {children}
          </Text>
        )}
      </Stack>
    </Center>
  );
}

export function Waiting({ lines = 4 }: { lines?: number }) {
  return (
    <Stack gap="xs" p="md" aria-busy="true" aria-label="loading">
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines are all alike
        <Skeleton key={line} height={14} width={`${92 - ((line * 17) % 40)}%`} />
      ))}
    </Stack>
  );
}

/** A failure in words: what, why not, and what to do. */
export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const problem = error instanceof Problem ? error : null;
  const words = error instanceof Error ? error.message : String(error);
  return (
    <Alert color="red" variant="light" m="sm" title={worded(words)} role="alert">
      {problem && problem.reasons.length > 0 && (
        <List size="sm" spacing={2}>
          {problem.reasons.map(([check, why]) => (
            <List.Item key={`${check}${why}`}>
              <Code>{check}</Code> {worded(why)}
            </List.Item>
          ))}
        </List>
      )}
      {problem?.allowedQuantity && (
        <Text size="sm">
          Would pass: <b>{problem.allowedQuantity}</b>
        </Text>
      )}
      {problem?.hint && <Text size="sm">{worded(problem.hint)}</Text>}
      {retry && (
        <Button size="compact-xs" variant="light" color="red" mt="xs" onClick={retry}>
          Try again
        </Button>
      )}
    </Alert>
  );
}

/** Show a query's answer, or what stands in its place. */
export function Asked<T>({
  query,
  children,
  lines,
}: {
  query: UseQueryResult<T>;
  children: (data: T) => ReactNode;
  lines?: number;
}) {
  if (query.isPending) return <Waiting lines={lines ?? 4} />;
  if (query.isError) return <Failed error={query.error} retry={() => void query.refetch()} />;
  return children(query.data);
}
