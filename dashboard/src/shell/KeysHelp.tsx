import { Kbd, Modal, Table } from "@mantine/core";
import { pages } from "../pages";

const trading: [key: string, meaning: string][] = [
  ["b", "Trade: buy"],
  ["s", "Trade: sell"],
  ["x", "Trade: cancel the chosen order"],
  ["?", "this list"],
  ["Esc", "close what is open, or leave the field"],
];

export function KeysHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keys" centered>
      <Table>
        <Table.Tbody>
          {pages.map((page) => (
            <Table.Tr key={page.path}>
              <Table.Td>
                <Kbd>g</Kbd> <Kbd>{page.letter}</Kbd>
              </Table.Td>
              <Table.Td>{page.title}</Table.Td>
            </Table.Tr>
          ))}
          {trading.map(([key, meaning]) => (
            <Table.Tr key={key}>
              <Table.Td>
                <Kbd>{key}</Kbd>
              </Table.Td>
              <Table.Td>{meaning}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
