import {
  Anchor,
  Button,
  Center,
  Code,
  Divider,
  Group,
  Image,
  Paper,
  PasswordInput,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { api, base, Problem, told } from "../api/client";
import type { Session } from "../api/session";
import { Failed } from "../parts/States";

type Entered = { onEntered: () => void };

function Frame({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Center mih="100vh" p="md">
      <Paper withBorder p="xl" w={380} maw="100%" component="main">
        <Group gap="sm" mb="lg">
          <Image src={`${base}/icon.svg`} alt="" w={28} h={28} />
          <Title order={1} size="h4">
            {title}
          </Title>
        </Group>
        {children}
      </Paper>
    </Center>
  );
}

function NewLink() {
  return (
    <Text size="xs">
      Lost your way in? Where the dashboard runs, <Code>crossdock dashboard link</Code> prints a new
      link.
    </Text>
  );
}

type Typed = { value: string; onChange: (value: string) => void };

function UserField({ value, onChange }: Typed) {
  return (
    <TextInput
      label="User"
      autoComplete="username"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      required
      autoFocus
    />
  );
}

function PasswordField({
  onChange,
  ...rest
}: Typed & { autoComplete: string; description?: string; minLength?: number }) {
  return (
    <PasswordInput
      label="Password"
      onChange={(event) => onChange(event.currentTarget.value)}
      required
      {...rest}
    />
  );
}

/** Run what a form asks for, once at a time, and keep what went wrong. */
function useDeed(onDone: () => void) {
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  async function run(deed: () => Promise<unknown>) {
    setBusy(true);
    setError(null);
    try {
      await deed();
      onDone();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  }
  return { error, busy, run };
}

export function SignIn({ session, onEntered }: { session: Session } & Entered) {
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const { error, busy, run } = useDeed(onEntered);
  const refused = refusedElsewhere();
  const wantsCode = error instanceof Problem && /^(code-needed|wrong-code)$/.test(error.code);
  const needsCode = useRef(false);
  needsCode.current ||= wantsCode;

  function submit(event: FormEvent) {
    event.preventDefault();
    const body = { user, password, ...(code ? { code } : {}) };
    void run(() => told(api.POST("/api/v1/session/sign-in", { body })));
  }

  if (session.is_new) {
    return (
      <Frame title="Crossdock">
        <Stack gap="sm">
          <Text size="sm">
            Nobody can sign in yet. Open the set-up link that the dashboard printed where it was
            started; it works once.
          </Text>
          <NewLink />
        </Stack>
      </Frame>
    );
  }
  return (
    <Frame title="Sign in to Crossdock">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <UserField value={user} onChange={setUser} />
          <PasswordField value={password} onChange={setPassword} autoComplete="current-password" />
          {needsCode.current && (
            <TextInput
              label="Code of your authenticator"
              inputMode="numeric"
              autoComplete="one-time-code"
              pattern="\d{6}"
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
              required
            />
          )}
          {error !== null ? <Failed error={error} /> : refused && <Failed error={refused} />}
          <Button type="submit" loading={busy}>
            Sign in
          </Button>
          {session.ways.includes("oidc") && (
            <>
              <Divider label="or" />
              <Anchor href={`${base}/api/v1/session/oidc/start`} ta="center" size="sm">
                Sign in with your organisation
              </Anchor>
            </>
          )}
          <NewLink />
        </Stack>
      </form>
    </Frame>
  );
}

/** Return why the organisation's sign-in came back without anybody, in words of our own: what
 * an address says, anybody may have written. */
function refusedElsewhere(): Problem | null {
  const code = new URLSearchParams(window.location.search).get("code");
  if (!code || window.location.hash) return null;
  const detail =
    code === "not-welcome"
      ? "your organisation knows you, this dashboard does not"
      : "the sign-in with your organisation did not succeed";
  return new Problem({ detail, hint: "try again, or ask an administrator", code: "oidc" }, 401);
}

const LEAST = 12;

/** The first one chooses a name too; whoever was invited has one. */
export function SetUp({
  token,
  isFirst,
  onEntered,
}: { token: string; isFirst: boolean } & Entered) {
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const { error, busy, run } = useDeed(onEntered);

  function submit(event: FormEvent) {
    event.preventDefault();
    const body = { token, user, password };
    void run(() => told(api.POST("/api/v1/session/set-up", { body })));
  }

  return (
    <Frame title="Welcome to Crossdock">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Text size="sm" c="dimmed">
            {isFirst ? "Choose who you are." : "Choose your password."} This link works once.
          </Text>
          {isFirst && <UserField value={user} onChange={setUser} />}
          <PasswordField
            value={password}
            onChange={setPassword}
            autoComplete="new-password"
            description={`At least ${LEAST} characters`}
            minLength={LEAST}
          />
          {error !== null && <Failed error={error} />}
          <Button type="submit" loading={busy}>
            Begin
          </Button>
        </Stack>
      </form>
    </Frame>
  );
}

export function SignInByLink({ token, onEntered }: { token: string } & Entered) {
  const { error, run } = useDeed(onEntered);
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true; // the token works once, and effects run twice in development
    void run(() => told(api.POST("/api/v1/session/token", { body: { token } })));
  });
  return (
    <Frame title="Crossdock">
      {error === null ? (
        <Text size="sm">Signing in …</Text>
      ) : (
        <Stack gap="sm">
          <Failed error={error} />
          <Anchor href={`${base}/`} ta="center" size="sm">
            Sign in another way
          </Anchor>
        </Stack>
      )}
    </Frame>
  );
}
