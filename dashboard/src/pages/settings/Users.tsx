/** Who may sign in, and what each may do. */
import { ActionIcon, Button, Menu, NativeSelect, Text, TextInput } from "@mantine/core";
import { IconDots, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, type Shapes, told } from "../../api/client";
import { type Role, useSession } from "../../api/session";
import { Ask } from "../../parts/Ask";
import { Moment } from "../../parts/Num";
import { Panel } from "../../parts/Panel";
import { type Column, Rows } from "../../parts/Rows";
import { Asked } from "../../parts/States";
import { useDeed } from "../../parts/useDeed";
import { Once } from "./Once";

type User = Shapes["UserTold"];
const roles: readonly [Role, string][] = [
  ["viewer", "viewer: looks"],
  ["trader", "trader: trades too"],
  ["risk", "risk: sets limits and ends doubts too"],
  ["admin", "admin: everything"],
];

type Source = NonNullable<Shapes["NewUser"]["source"]>;
const sources: Source[] = ["password", "oidc", "proxy", "authenticator"];

export function Users() {
  const [adding, setAdding] = useState(false);
  const [link, setLink] = useState("");
  const query = useQuery({
    queryKey: ["users"],
    queryFn: () => told(api.GET("/api/v1/users")),
  });
  const columns: Column<User>[] = [
    { name: "name", title: "User", cell: (row) => <b>{row.name}</b>, by: (row) => row.name },
    { name: "role", title: "Role", cell: (row) => <RoleOf user={row} />, by: (row) => row.role },
    { name: "way", title: "Signs in by", cell: (row) => row.source, by: (row) => row.source },
    {
      name: "totp",
      title: "Authenticator",
      cell: (row) => (row.has_totp ? <span className="up">✓ yes</span> : <span>no</span>),
      by: (row) => Number(row.has_totp),
    },
    {
      name: "seen",
      title: "Last seen",
      cell: (row) => (row.seen_ns ? <Moment ns={row.seen_ns} withDate /> : "never"),
      by: (row) => row.seen_ns,
    },
    { name: "deeds", title: "", cell: (row) => <Deeds user={row} onLink={setLink} /> },
  ];
  return (
    <Panel
      title="Users"
      actions={
        <Button
          size="compact-sm"
          leftSection={<IconPlus size={14} />}
          onClick={() => setAdding(true)}
        >
          Add a user
        </Button>
      }
    >
      <Asked query={query}>
        {(users) => (
          <Rows
            rows={users}
            columns={columns}
            keyOf={(row) => row.name}
            empty="Nobody"
            label="users"
          />
        )}
      </Asked>
      <Add opened={adding} onClose={() => setAdding(false)} onLink={setLink} />
      <Once
        title="A link to choose a password"
        secret={link}
        words="Give it to them yourself. It works once, for a day, and is not shown again."
        onClose={() => setLink("")}
      />
    </Panel>
  );
}

function Add({
  opened,
  onClose,
  onLink,
}: {
  opened: boolean;
  onClose: () => void;
  onLink: (link: string) => void;
}) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [source, setSource] = useState<Source>("password");
  const deed = useDeed(() => told(api.POST("/api/v1/users", { body: { name, role, source } })), {
    done: ({ user }) => `${user.name} may sign in`,
    renews: ["users"],
    quiet: true,
    after: (invited) => {
      setName("");
      onClose();
      onLink(invited.link ?? "");
    },
  });
  return (
    <Ask
      opened={opened}
      title="Add a user"
      deed="Add"
      busy={deed.busy}
      error={deed.error}
      disabled={!/^[a-z0-9][\w.@+-]{0,63}$/i.test(name)}
      onYes={() => void deed.run()}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        description="Letters, digits and . _ @ + -, so a mail address too"
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <NativeSelect
        label="Role"
        value={role}
        onChange={(event) => setRole(event.currentTarget.value as Role)}
        data={roles.map(([value, label]) => ({ value, label }))}
      />
      <NativeSelect
        label="Signs in by"
        value={source}
        onChange={(event) => setSource(event.currentTarget.value as Source)}
        data={sources}
      />
    </Ask>
  );
}

function RoleOf({ user }: { user: User }) {
  const mine = useSession().user === user.name;
  const deed = useDeed(
    (role: Role) =>
      told(
        api.PUT("/api/v1/users/{name}/role", {
          params: { path: { name: user.name } },
          body: { role },
        }),
      ),
    { done: (changed) => `${changed.name} is ${changed.role}`, renews: ["users"] },
  );
  return (
    <NativeSelect
      size="xs"
      miw="6rem"
      aria-label={`role of ${user.name}`}
      // Who takes their own rights away cannot give them back.
      disabled={mine || deed.busy}
      value={user.role}
      onChange={(event) => void deed.run(event.currentTarget.value as Role)}
      data={roles.map(([value]) => value)}
    />
  );
}

function Deeds({ user, onLink }: { user: User; onLink: (link: string) => void }) {
  const [removing, setRemoving] = useState(false);
  const mine = useSession().user === user.name;
  const path = { params: { path: { name: user.name } } };
  const link = useDeed(() => told(api.POST("/api/v1/users/{name}/link", path)), {
    after: (invited) => onLink(invited.link ?? ""),
  });
  const drop = useDeed(() => told(api.DELETE("/api/v1/users/{name}/totp", path)), {
    done: `${user.name} needs no code any more, and is signed out everywhere`,
    renews: ["users"],
  });
  const remove = useDeed(() => told(api.DELETE("/api/v1/users/{name}", path)), {
    done: `${user.name} is removed`,
    renews: ["users", "keys"],
    quiet: true,
    after: () => setRemoving(false),
  });
  return (
    <>
      <Menu position="bottom-end" withArrow>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`more for ${user.name}`}>
            <IconDots size={15} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item disabled={user.source !== "password"} onClick={() => void link.run()}>
            New link to choose a password
          </Menu.Item>
          <Menu.Item disabled={!user.has_totp} onClick={() => void drop.run()}>
            End the authenticator's codes
          </Menu.Item>
          <Menu.Item color="red" disabled={mine} onClick={() => setRemoving(true)}>
            Remove
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Ask
        opened={removing}
        title={`Remove ${user.name}`}
        deed="Remove"
        color="red"
        busy={remove.busy}
        error={remove.error}
        onYes={() => void remove.run()}
        onClose={() => setRemoving(false)}
      >
        <Text size="sm">
          Their sessions and keys end at once. What they did stays in the journal.
        </Text>
      </Ask>
    </>
  );
}
