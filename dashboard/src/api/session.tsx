/** Who is signed in. Everything else waits for it. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect } from "react";
import { api, rememberCsrf, type Shapes, told } from "./client";

export type Session = Shapes["SessionTold"];
export type Role = NonNullable<Session["role"]>;

const order: Role[] = ["viewer", "trader", "risk", "admin"];
const Context = createContext<Session | null>(null);

async function read(): Promise<Session> {
  const session = await told(api.GET("/api/v1/session"));
  rememberCsrf(session.csrf_token);
  return session;
}

export function useSessionQuery() {
  const client = useQueryClient();
  useEffect(() => {
    const ended = () => client.invalidateQueries({ queryKey: ["session"] });
    window.addEventListener("signed-out", ended);
    return () => window.removeEventListener("signed-out", ended);
  }, [client]);
  return useQuery({ queryKey: ["session"], queryFn: read, staleTime: 60_000, retry: 1 });
}

export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  return <Context.Provider value={session}>{children}</Context.Provider>;
}

/** Return who is signed in; beneath the shell there always is somebody. */
export function useSession(): Session {
  const session = useContext(Context);
  if (!session) throw new Error("no session around this component");
  return session;
}

/** Tell whether who is signed in may do what needs this role. */
export function useMay(role: Role): boolean {
  const held = useSession().role;
  return held != null && order.indexOf(held) >= order.indexOf(role);
}
