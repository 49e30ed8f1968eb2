/** What stands before everything: nobody passes who is not signed in. */
import { Center, Loader } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { SessionProvider, useSessionQuery } from "../api/session";
import { Failed } from "../parts/States";
import { pushed } from "../push/socket";
import { Shell } from "./Shell";
import { SetUp, SignIn, SignInByLink } from "./SignIn";

/** One-time links carry their token behind #, which no server log ever sees. */
function linkToken(kind: "set-up" | "sign-in"): string | null {
  const token = window.location.hash.slice(1);
  return window.location.pathname.endsWith(`/${kind}`) && token ? token : null;
}

export function Door() {
  const session = useSessionQuery();
  const navigate = useNavigate();
  const user = session.data?.user;

  useEffect(() => {
    if (!user) return;
    pushed.open();
    return () => pushed.close();
  }, [user]);

  if (session.isPending) {
    return (
      <Center h="100vh">
        <Loader aria-label="loading" />
      </Center>
    );
  }
  if (!session.data) {
    return (
      <Center h="100vh">
        <Failed error={session.error} retry={() => void session.refetch()} />
      </Center>
    );
  }
  const entered = () => {
    const byLink = linkToken("set-up") ?? linkToken("sign-in");
    void session
      .refetch()
      .then(() => navigate(byLink ? { to: "/", hash: "", replace: true } : { to: "." }));
  };
  const setUp = linkToken("set-up");
  const signIn = linkToken("sign-in");
  if (!session.data.user && setUp) {
    return <SetUp token={setUp} isFirst={session.data.is_new} onEntered={entered} />;
  }
  if (!session.data.user && signIn) return <SignInByLink token={signIn} onEntered={entered} />;
  if (!session.data.user) return <SignIn session={session.data} onEntered={entered} />;
  return (
    <SessionProvider session={session.data}>
      <Shell />
    </SessionProvider>
  );
}
