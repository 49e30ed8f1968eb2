/** Keys for programs: one's own, and for administrators everybody's. */
import { Button, Checkbox, Stack, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Shapes, told } from "../../api/client";
import { useSession } from "../../api/session";
import { Ask } from "../../parts/Ask";
import { Moment } from "../../parts/Num";
import { Panel } from "../../parts/Panel";
import { type Column, Rows } from "../../parts/Rows";
import { Asked, Empty } from "../../parts/States";
import { useDeed } from "../../parts/useDeed";
import { End } from "./End";
import { Once } from "./Once";
import { givable, type Scope, scopes, validity } from "./scopes";

type Key = Shapes["KeyTold"];

const columns: Column<Key>[] = [
  { name: "label", title: "Key", cell: (row) => <b>{row.label}</b>, by: (row) => row.label },
  { name: "user", title: "Of", cell: (row) => row.user, by: (row) => row.user },
  { name: "scopes", title: "May", cell: (row) => row.scopes.join(", ") },
  {
    name: "until",
    title: "Works",
    cell: (row) => {
      const [words, isSoon] = validity(row.until_ns, Date.now() * 1e6);
      return <span className={isSoon ? "warn" : ""}>{isSoon ? `! ${words}` : words}</span>;
    },
    by: (row) => row.until_ns,
  },
  {
    name: "used",
    title: "Last used",
    cell: (row) => (row.used_ns ? <Moment ns={row.used_ns} withDate /> : "never"),
    by: (row) => row.used_ns,
  },
  { name: "deed", title: "", cell: (row) => <Remove of={row} /> },
];

export function Keys() {
  const [making, setMaking] = useState(false);
  const [token, setToken] = useState("");
  const query = useQuery({ queryKey: ["keys"], queryFn: () => told(api.GET("/api/v1/keys")) });
  return (
    <Panel
      title="API keys"
      actions={
        <Button
          size="compact-sm"
          leftSection={<IconPlus size={14} />}
          onClick={() => setMaking(true)}
        >
          Make a key
        </Button>
      }
    >
      <Asked query={query}>
        {(keys) => (
          <Rows
            rows={keys}
            columns={columns}
            keyOf={(row) => row.id}
            empty={
              <Empty title="There is no key">
                A program that uses the API signs in with a key, sent as a bearer token.
              </Empty>
            }
            label="API keys"
          />
        )}
      </Asked>
      <Make opened={making} onClose={() => setMaking(false)} onMade={setToken} />
      <Once
        title="The new key"
        secret={token}
        words="Only its digest is kept: it is shown this once."
        onClose={() => setToken("")}
      />
    </Panel>
  );
}

function Make({
  opened,
  onClose,
  onMade,
}: {
  opened: boolean;
  onClose: () => void;
  onMade: (token: string) => void;
}) {
  const role = useSession().role;
  const allowed = givable(role);
  const [label, setLabel] = useState("");
  const [chosen, setChosen] = useState<Scope[]>(["view"]);
  const [days, setDays] = useState("90");
  const deed = useDeed(
    () => told(api.POST("/api/v1/keys", { body: { label, scopes: chosen, days: Number(days) } })),
    {
      renews: ["keys"],
      quiet: true,
      after: (made) => {
        setLabel("");
        onClose();
        onMade(made.token);
      },
    },
  );
  return (
    <Ask
      opened={opened}
      title="Make a key"
      deed="Make it"
      busy={deed.busy}
      error={deed.error}
      disabled={label.trim() === "" || chosen.length === 0 || !(Number(days) >= 1)}
      onYes={() => void deed.run()}
      onClose={onClose}
    >
      <TextInput
        label="What it is for"
        data-autofocus
        maxLength={64}
        value={label}
        onChange={(event) => setLabel(event.currentTarget.value)}
      />
      <Checkbox.Group
        label="What it may do"
        value={chosen}
        onChange={(next) => setChosen(next as Scope[])}
      >
        <Stack gap={6} mt={6}>
          {scopes.map(([scope, help]) => (
            <Checkbox
              key={scope}
              value={scope}
              label={scope}
              description={help}
              disabled={!allowed.includes(scope)}
            />
          ))}
        </Stack>
      </Checkbox.Group>
      <TextInput
        label="Days it works"
        type="number"
        min={1}
        max={3650}
        value={days}
        onChange={(event) => setDays(event.currentTarget.value)}
      />
    </Ask>
  );
}

function Remove({ of: key }: { of: Key }) {
  return (
    <End
      name={key.label}
      words="Programs that use it are refused at once."
      renews="keys"
      end={() =>
        told(api.DELETE("/api/v1/keys/{key_id}", { params: { path: { key_id: key.id } } }))
      }
    />
  );
}
