/** What the venue said to a write: the desk answers once it has sent it, the venue later. */
import { api, told } from "../../../api/client";
import { refusalIn } from "./orders";

const LOOKS_MS = [300, 700, 1_500, 3_000]; // after that, a doubt is shown with the order

/** Return why the venue refused what was just asked of an order; null if it did not. */
export async function refusalOf(order: string): Promise<string | null> {
  for (const wait of LOOKS_MS) {
    await new Promise((done) => window.setTimeout(done, wait));
    const params = { path: { name: order } };
    const refusal = refusalIn(await told(api.GET("/api/v1/audit/story/{name}", { params })));
    if (refusal !== undefined) return refusal;
  }
  return null;
}
