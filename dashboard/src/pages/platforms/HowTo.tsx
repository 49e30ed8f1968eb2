/** How a platform of one's own comes to stand here. */
import { Anchor, Code, CopyButton, Stack, Text, UnstyledButton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { base } from "../../api/client";
import { useMay } from "../../api/session";
import classes from "./Platforms.module.css";

const KEY = "cdk_…";

export function HowTo({ isFirst = false }: { isFirst?: boolean }) {
  const mayMakeKeys = useMay("trader");
  const url = `${window.location.origin}${base}`;
  const python = [
    "from crossdock.client import PlatformClient",
    `client = PlatformClient("${url}", "${KEY}", platform="mine")`,
    'client.add_custom_metric("latency", 12.5, unit="ms")',
  ].join("\n");
  const curl = [
    `curl ${url}/api/v1/platforms/mine/metrics \\`,
    `  -H "Authorization: Bearer ${KEY}" -H "Content-Type: application/json" \\`,
    `  -d '{"name": "latency", "value": 12.5, "unit": "ms"}'`,
  ].join("\n");
  return (
    <Stack gap="sm" p={isFirst ? "lg" : 0} maw={720}>
      {isFirst && (
        <Text size="sm" fw={600}>
          No platform has pushed anything yet
        </Text>
      )}
      <Text size="sm">
        Another trading platform can show itself here: its prices, portfolio, orders, fills,
        strategies and risk, and any metric, chart, prediction or news of its own. It is shown as
        told and never traded on.
      </Text>
      <Text size="sm">
        It needs an API key with the scope <Code>push</Code>, which can push and do nothing else.{" "}
        {mayMakeKeys ? (
          <Anchor
            inherit
            renderRoot={(props) => <Link {...props} to="/settings" search={{ view: "keys" }} />}
          >
            Make one in Settings
          </Anchor>
        ) : (
          "Somebody who may trade can make one in Settings."
        )}
      </Text>
      <Snippet title="In Python, with nothing but the standard library" text={python} />
      <Snippet title="By HTTP, from anything" text={curl} />
    </Stack>
  );
}

function Snippet({ title, text }: { title: string; text: string }) {
  return (
    <div>
      <Text size="xs" className="faint" component="div">
        {title}{" "}
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <UnstyledButton fz="inherit" td="underline" onClick={copy}>
              {copied ? "✓ copied" : "copy"}
            </UnstyledButton>
          )}
        </CopyButton>
      </Text>
      <Code block className={classes.code ?? ""}>
        {text}
      </Code>
    </div>
  );
}
