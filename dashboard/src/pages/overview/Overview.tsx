/** The desk at a glance: what it is worth, what it holds, what needs a person. */
import { Grid, SimpleGrid } from "@mantine/core";
import { History } from "../../parts/History";
import { Attention } from "./Attention";
import { Figures } from "./Figures";
import { LastFills, Positions } from "./Holdings";
import { Streams } from "./Streams";

export default function Overview() {
  return (
    <>
      <Figures />
      <Grid gap="xs" mt="xs">
        <Grid.Col span={{ base: 12, md: 8 }}>
          <History title="Performance" of={["equity", "P&L", "drawdown", "exposure"]} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Attention />
        </Grid.Col>
      </Grid>
      <SimpleGrid cols={{ base: 1, xl: 2 }} spacing="xs" mt="xs">
        <Positions />
        <LastFills />
      </SimpleGrid>
      <Streams />
    </>
  );
}
