/** One stored series: its newest prices, its gaps and what is wrong with it. */
import { Alert, Drawer, List, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api, told } from "../../api/client";
import { Curve, type Point } from "../../parts/Curve";
import { Facts } from "../../parts/Facts";
import { grouped, moment } from "../../parts/Num";
import { Asked, Empty } from "../../parts/States";
import { span } from "../../parts/span";
import { Strip } from "./Strip";
import type { Series } from "./series";

const NEWEST = 1_000;
const CLOSE = 4;

export function SeriesDetail({ series, onClose }: { series: Series | null; onClose: () => void }) {
  return (
    <Drawer
      opened={series !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={series?.name ?? ""}
    >
      {series && (
        <Stack gap="md">
          <Strip series={series} />
          {series.kind === "bars" && <Prices name={series.name} />}
          <Facts
            facts={[
              ["first", moment(series.first_ns, true)],
              ["last", `${moment(series.last_ns, true)}, ${span(series.age_s)} ago`],
              ["rows", grouped(series.rows)],
              ["market closed", `${series.closures} times`],
              ["from", series.source],
            ]}
          />
          {series.problems.length > 0 && (
            <Alert color="yellow" title="What is wrong with it">
              <List size="sm">
                {series.problems.map((words) => (
                  <List.Item key={words}>{words}</List.Item>
                ))}
              </List>
            </Alert>
          )}
          <Gaps series={series} />
        </Stack>
      )}
    </Drawer>
  );
}

function Gaps({ series }: { series: Series }) {
  if (series.gap_count === 0) {
    return (
      <Text size="sm" className="up">
        ✓ It has no gap while its market was open.
      </Text>
    );
  }
  return (
    <div>
      <Text size="sm" fw={600}>
        {series.gap_count} gaps, the newest:
      </Text>
      <List size="sm">
        {[...series.gaps].reverse().map(([begins = 0, ends = 0]) => (
          <List.Item key={begins}>
            {moment(begins, true)}, {span((ends - begins) / 1e9)}
          </List.Item>
        ))}
      </List>
    </div>
  );
}

function Prices({ name }: { name: string }) {
  const query = useQuery({
    queryKey: ["bars", name],
    queryFn: () =>
      told(
        api.GET("/api/v1/data/{name}/bars", {
          params: { path: { name }, query: { last: NEWEST } },
        }),
      ),
  });
  return (
    <Asked query={query}>
      {(candles) => {
        const points: Point[] = candles.bars.map((bar) => [bar[0] ?? 0, bar[CLOSE] ?? null]);
        return points.length > 1 ? (
          <Curve points={points} height={200} label={`newest closes of ${name}`} filled={false} />
        ) : (
          <Empty title="Too few bars to draw" />
        );
      }}
    </Asked>
  );
}
