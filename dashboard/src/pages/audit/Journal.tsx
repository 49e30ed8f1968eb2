/** The journal, newest first, as far back as it goes. */

import { Button, Center, NativeSelect, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, told } from "../../api/client";
import type { Said } from "../../parts/address";
import bars from "../../parts/bars.module.css";
import { Panel } from "../../parts/Panel";
import { Asked, Empty } from "../../parts/States";
import { useTopic } from "../../push/useTopic";
import classes from "./Audit.module.css";
import { Entry } from "./Entry";
import { kinds, kindWords } from "./records";

const PAGE = 100;
const TYPING_MS = 300;
const days = [
  { value: "", label: "any time" },
  { value: "1", label: "last 24 hours" },
  { value: "7", label: "last 7 days" },
  { value: "30", label: "last 30 days" },
];

/** Return the record kinds that a choice means: one kind, or a group of them. */
function kindsOf(choice: string): string[] {
  if (!choice) return [];
  return [...(kinds[choice] ?? [choice])];
}

export function Journal({
  said,
  say,
  onStory,
}: {
  said: Said;
  say: (change: Record<string, string | null>) => void;
  onStory: (id: string) => void;
}) {
  const [typed, setTyped] = useState(said.text ?? "");
  const [text] = useDebouncedValue(typed, TYPING_MS);
  const kind = said.kind ?? "";
  const account = said.account ?? "";
  const since = said.days ?? "";
  useEffect(() => {
    if (text !== (said.text ?? "")) say({ text });
  }, [text, said.text, say]);

  const query = useInfiniteQuery({
    queryKey: ["audit", text, kind, account, since],
    queryFn: ({ pageParam }) =>
      told(
        api.GET("/api/v1/audit", {
          params: {
            query: {
              text,
              kinds: kindsOf(kind),
              account,
              // Whole seconds: what is finer is lost in a number this large.
              since_ns: since ? (Math.floor(Date.now() / 1e3) - Number(since) * 86_400) * 1e9 : 0,
              before: pageParam,
              limit: PAGE,
            },
          },
        }),
      ),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.before,
    placeholderData: (before) => before,
  });
  const accounts = useAccounts();

  return (
    <Panel
      title="Journal"
      actions={
        <Button
          size="compact-xs"
          variant="light"
          loading={query.isRefetching}
          onClick={() => void query.refetch()}
        >
          Look again
        </Button>
      }
    >
      <search className={bars.filters}>
        <TextInput
          aria-label="Words or ids to look for"
          placeholder="Words or ids: every one must occur"
          leftSection={<IconSearch size={14} />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          style={{ flex: "1 1 16rem" }}
        />
        <NativeSelect
          aria-label="Kind of record"
          value={kind}
          onChange={(event) => say({ kind: event.currentTarget.value })}
          data={[
            { value: "", label: "any record" },
            ...Object.entries(kinds).map(([group, names]) => ({
              group,
              items: [
                { value: group, label: `${group}: all` },
                ...names.map((name) => ({ value: name, label: kindWords(name) })),
              ],
            })),
          ]}
        />
        <NativeSelect
          aria-label="Account"
          value={account}
          onChange={(event) => say({ account: event.currentTarget.value })}
          data={[{ value: "", label: "any account" }, ...accounts]}
        />
        <NativeSelect
          aria-label="How far back"
          value={since}
          onChange={(event) => say({ days: event.currentTarget.value })}
          data={days}
        />
      </search>
      <Asked query={query} lines={14}>
        {({ pages }) => {
          const entries = pages.flatMap((page) => page.entries);
          if (entries.length === 0) {
            return <Empty title="No record is like that">Fewer words or filters find more.</Empty>;
          }
          return (
            <>
              <ol className={classes.list} aria-label="records, newest first">
                {entries.map((entry) => (
                  <Entry key={entry.sequence} entry={entry} onStory={onStory} />
                ))}
              </ol>
              <Center p="sm">
                {query.hasNextPage ? (
                  <Button
                    size="xs"
                    variant="default"
                    loading={query.isFetchingNextPage}
                    onClick={() => void query.fetchNextPage()}
                  >
                    Older records
                  </Button>
                ) : (
                  <Text size="xs" className="faint">
                    {entries.length} records; there is nothing older.
                  </Text>
                )}
              </Center>
            </>
          );
        }}
      </Asked>
    </Panel>
  );
}

function useAccounts(): string[] {
  const risk = useTopic("risk");
  return (risk?.accounts ?? []).map((row) => String(row.account));
}
