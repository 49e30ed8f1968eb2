import { Kbd, Modal } from "@mantine/core";
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
      <table className="rows">
        <tbody>
          {pages.map((page) => (
            <tr key={page.path}>
              <td>
                <Kbd>g</Kbd> <Kbd>{page.letter}</Kbd>
              </td>
              <td>{page.title}</td>
            </tr>
          ))}
          {trading.map(([key, meaning]) => (
            <tr key={key}>
              <td>
                <Kbd>{key}</Kbd>
              </td>
              <td>{meaning}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Modal>
  );
}
