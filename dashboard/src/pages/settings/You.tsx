/** One's own sign-in: password, authenticator, and everywhere one is signed in. */
import {
  Button,
  Code,
  Group,
  Image,
  PasswordInput,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, rememberCsrf, type Shapes, told } from "../../api/client";
import { useSession } from "../../api/session";
import { Facts } from "../../parts/Facts";
import { Panel } from "../../parts/Panel";
import { Failed } from "../../parts/States";
import { useDeed } from "../../parts/useDeed";
import { pushed } from "../../push/socket";

const LEAST = 12;

export function You() {
  const session = useSession();
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xs">
      <Panel title="You" padded>
        <Stack gap="md">
          <Facts
            facts={[
              ["user", session.user],
              ["role", session.role],
              ["authenticator", session.has_totp ? "✓ asked for at sign-in" : "not used"],
              ["version", session.version],
              ["instance", session.instance],
            ]}
          />
          <Everywhere />
        </Stack>
      </Panel>
      <Authenticator hasTotp={session.has_totp} />
      {session.has_password && <Password />}
    </SimpleGrid>
  );
}

function Everywhere() {
  const deed = useDeed(() => told(api.POST("/api/v1/session/sign-out-everywhere")), {
    after: () => window.location.reload(),
  });
  return (
    <Group>
      <Button
        size="xs"
        variant="light"
        color="red"
        loading={deed.busy}
        onClick={() => void deed.run()}
      >
        Sign out on every device
      </Button>
    </Group>
  );
}

function Password() {
  const [old, setOld] = useState("");
  const [next, setNext] = useState("");
  const queries = useQueryClient();
  const deed = useDeed(
    () => told(api.POST("/api/v1/session/password", { body: { old, new: next } })),
    {
      done: "The password is changed; other devices are signed out",
      quiet: true,
      after: (session) => {
        rememberCsrf((session as Shapes["SessionTold"]).csrf_token);
        setOld("");
        setNext("");
        pushed.renew(); // the line was of the session that has ended
        void queries.invalidateQueries({ queryKey: ["session"] });
      },
    },
  );
  return (
    <Panel title="Password" padded>
      <form
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          void deed.run();
        }}
      >
        <Stack gap="sm">
          <PasswordInput
            label="The old one"
            autoComplete="current-password"
            value={old}
            onChange={(event) => setOld(event.currentTarget.value)}
          />
          <PasswordInput
            label="The new one"
            description={`At least ${LEAST} characters`}
            autoComplete="new-password"
            value={next}
            onChange={(event) => setNext(event.currentTarget.value)}
          />
          {deed.error !== null && <Failed error={deed.error} />}
          <Group justify="flex-end">
            <Button type="submit" loading={deed.busy} disabled={old === "" || next.length < LEAST}>
              Change it
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}

function Authenticator({ hasTotp }: { hasTotp: boolean }) {
  const [offer, setOffer] = useState<Shapes["NewCode"] | null>(null);
  const [code, setCode] = useState("");
  const begin = useDeed(() => told(api.GET("/api/v1/session/totp")), { after: setOffer });
  const prove = useDeed(
    () => told(api.POST("/api/v1/session/totp", { body: { secret: offer?.secret ?? "", code } })),
    {
      done: hasTotp ? "No code is asked for any more" : "A code is asked for at every sign-in",
      renews: ["session"],
      quiet: true,
      after: () => {
        setOffer(null);
        setCode("");
      },
    },
  );
  return (
    <Panel title="Authenticator" padded>
      <Stack gap="sm">
        <Text size="sm">
          {hasTotp
            ? "A code of your authenticator app is asked for at every sign-in. To end that, give one."
            : "A code of an authenticator app, beside the password, keeps out who only knows that."}
        </Text>
        {!hasTotp && !offer && (
          <Group>
            <Button size="sm" loading={begin.busy} onClick={() => void begin.run()}>
              Set it up
            </Button>
          </Group>
        )}
        {offer && <Offer offer={offer} />}
        {(offer || hasTotp) && (
          <form
            onSubmit={(event: FormEvent) => {
              event.preventDefault();
              void prove.run();
            }}
          >
            <Group align="flex-end" gap="xs">
              <TextInput
                label="Code"
                inputMode="numeric"
                autoComplete="one-time-code"
                maxLength={6}
                value={code}
                onChange={(event) => setCode(event.currentTarget.value.replace(/\D/g, ""))}
              />
              <Button
                type="submit"
                loading={prove.busy}
                disabled={code.length !== 6}
                color={hasTotp ? "red" : "dock"}
              >
                {hasTotp ? "End it" : "Prove it"}
              </Button>
            </Group>
          </form>
        )}
        {prove.error !== null && <Failed error={prove.error} />}
      </Stack>
    </Panel>
  );
}

/** An SVG that was made to stand within a page lacks what one by itself needs. */
function standalone(svg: string): string {
  return svg.includes("xmlns=")
    ? svg
    : svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"');
}

function Offer({ offer }: { offer: Shapes["NewCode"] }) {
  return (
    <Group align="flex-start">
      <Image
        // As an image it is drawn and never run, whatever it holds.
        src={`data:image/svg+xml;utf8,${encodeURIComponent(standalone(offer.svg))}`}
        alt="QR code of the secret"
        w={180}
        h={180}
        bg="white"
        p={8}
      />
      <Stack gap={4} style={{ flex: "1 1 12rem" }}>
        <Text size="sm">Scan it with the app, or type the secret:</Text>
        <Code style={{ overflowWrap: "anywhere" }}>{offer.secret}</Code>
        <Text size="xs" className="faint">
          Nothing is kept until a code of it proves that the app has it.
        </Text>
      </Stack>
    </Group>
  );
}
