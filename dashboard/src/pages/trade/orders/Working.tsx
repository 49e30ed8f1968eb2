import { ActionIcon, Text, TextInput } from "@mantine/core";
import { IconCheck, IconPencil, IconX } from "@tabler/icons-react";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import { Ask } from "../../../parts/Ask";
import { grouped } from "../../../parts/Num";
import { type Column, Rows } from "../../../parts/Rows";
import { worded } from "../../../parts/worded";
import type { Listed } from "../markets";
import { reasonsIn } from "../reasons";
import classes from "../Trade.module.css";
import { at, done, standing, what, where, which } from "./cells";
import { amendmentOf, type Edit, editOf, isWorking, type Order, stopOf } from "./orders";
import { useInPlace } from "./useInPlace";
import type { useWrites } from "./useWrites";

type Writes = ReturnType<typeof useWrites>;

export function Working({
  rows,
  known,
  isAll,
  listed,
  writes,
  isCareful,
  chosen,
  onChoose,
}: {
  rows: readonly Order[];
  /** Every order there is, also those that have ended. */
  known: readonly Order[];
  isAll: boolean;
  listed: readonly Listed[];
  writes: Writes | null;
  /** Whether a cancel asks first and nothing is amended, as under a thumb. */
  isCareful: boolean;
  chosen: string | null;
  onChoose: (id: string | null) => void;
}) {
  const [edit, setEdit] = useState<Edit | null>(null);
  const [refusal, setRefusal] = useState<unknown>(null);
  const [asking, setAsking] = useState<Order | null>(null);
  const { shown, hold } = useInPlace(rows, known);

  function begin(next: Edit | null) {
    setEdit(next);
    setRefusal(null);
  }

  async function save(order: Order) {
    const amendment = edit && amendmentOf(order, edit);
    const why =
      amendment && typeof amendment !== "string"
        ? await writes?.amend(order.order_id, amendment)
        : amendment;
    if (why) setRefusal(why);
    else begin(null);
  }

  const field = (order: Order, name: "quantity" | "limit" | "stop") => (
    <TextInput
      size="xs"
      styles={{ input: { height: 22, minHeight: 22, paddingInline: 6 } }}
      w="100%"
      value={edit?.[name] ?? ""}
      onChange={(event) => edit && setEdit({ ...edit, [name]: event.currentTarget.value })}
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key === "Enter") void save(order);
        if (event.key === "Escape") begin(null);
      }}
      inputMode="decimal"
      aria-label={`${name} of the order`}
      data-autofocus={name === "limit" || undefined}
    />
  );
  const isEdited = (order: Order) => edit?.id === order.order_id;

  const columns: Column<Order>[] = [
    at,
    ...(isAll ? [which] : []),
    what,
    {
      ...done,
      width: 128,
      cell: (row) => (isEdited(row) ? field(row, "quantity") : done.cell(row)),
    },
    {
      name: "price",
      title: "Price",
      width: 84,
      cell: (row) => (isEdited(row) ? <Prices order={row} field={field} /> : priceOf(row)),
      isNumber: true,
    },
    where,
    standing,
  ];
  if (writes) {
    const deeds: Column<Order> = {
      name: "deeds",
      title: "",
      width: isCareful ? 34 : 48,
      cell: (row) => (
        <Deeds
          order={row}
          isEdited={isEdited(row)}
          isAsked={writes.asked.has(row.order_id)}
          isPast={!isWorking(row)}
          canAmend={canAmend(row, listed)}
          isCareful={isCareful}
          onEdit={() => begin(editOf(row))}
          onSave={() => void save(row)}
          onCancel={() => {
            if (isEdited(row)) begin(null);
            else if (isCareful) setAsking(row);
            else void writes.cancel(row.order_id);
          }}
        />
      ),
    };
    // Where the table is wider than the screen, what can be done stands in sight.
    columns.unshift(deeds);
  }
  return (
    <div {...hold}>
      <Rows
        rows={shown}
        columns={columns}
        keyOf={(row) => row.order_id}
        onRow={(row) => onChoose(row.order_id)}
        chosen={chosen}
        isPast={(row) => !isWorking(row)}
        beneath={(row) =>
          isEdited(row) &&
          refusal !== null && (
            <div role="alert" className={classes.refusal}>
              Not amended:
              <ul>
                {reasonsIn(refusal).map((why) => (
                  <li key={why}>{worded(why)}</li>
                ))}
              </ul>
            </div>
          )
        }
        empty="No order works"
        label="working orders"
      />
      <Ask
        opened={asking !== null}
        title="Cancel this order?"
        deed="Cancel the order"
        color="red"
        busy={false}
        onYes={() => {
          if (asking) void writes?.cancel(asking.order_id);
          setAsking(null);
        }}
        onClose={() => setAsking(null)}
      >
        {asking && (
          <Text size="sm">
            {asking.side} {asking.quantity} {asking.symbol} at {priceOf(asking)}, {asking.account}
          </Text>
        )}
      </Ask>
    </div>
  );
}

function Prices({
  order,
  field,
}: {
  order: Order;
  field: (order: Order, name: "limit" | "stop") => ReactNode;
}) {
  return (
    <div style={{ display: "grid", gap: 2 }}>
      {stopOf(order) !== null && field(order, "stop")}
      {order.limit_price !== null && field(order, "limit")}
    </div>
  );
}

function Deeds({
  order,
  isEdited,
  isAsked,
  isPast,
  canAmend,
  isCareful,
  onEdit,
  onSave,
  onCancel,
}: {
  order: Order;
  isEdited: boolean;
  isAsked: boolean;
  isPast: boolean;
  canAmend: boolean;
  isCareful: boolean;
  onEdit: () => void;
  onSave: () => void;
  onCancel: () => void;
}) {
  const name = `${order.side} ${order.quantity} ${order.symbol}`;
  return (
    <div style={{ display: "flex", gap: 2, justifyContent: "flex-end" }}>
      {!isCareful && (
        <ActionIcon
          size="sm"
          variant={isEdited ? "filled" : "subtle"}
          disabled={isAsked || isPast || !canAmend}
          onClick={(event) => {
            event.stopPropagation();
            if (isEdited) onSave();
            else onEdit();
          }}
          title={canAmend ? "Amend" : "This venue does not amend: cancel, and place anew"}
          aria-label={`${isEdited ? "save" : "amend"} ${name}`}
        >
          {isEdited ? <IconCheck size={14} /> : <IconPencil size={14} />}
        </ActionIcon>
      )}
      <ActionIcon
        size="sm"
        variant="subtle"
        color={isEdited ? "gray" : "red"}
        disabled={isAsked || (isPast && !isEdited)}
        onClick={(event) => {
          event.stopPropagation();
          onCancel();
        }}
        title={isAsked ? "Asked of the venue" : isEdited ? "Leave it as it is" : "Cancel"}
        aria-label={`${isEdited ? "leave" : "cancel"} ${name}`}
      >
        <IconX size={14} />
      </ActionIcon>
    </div>
  );
}

function canAmend(order: Order, listed: readonly Listed[]): boolean {
  const found = listed.find(
    (row) => row.account === order.account && row.instrument === order.instrument,
  );
  return Boolean(found?.can.amend) && order.in_doubt.length === 0;
}

function priceOf(order: Order): string {
  if (order.trail_percent) return `trails ${order.trail_percent} %`;
  if (order.trail_amount) return `trails ${grouped(order.trail_amount)}`;
  const parts = [];
  if (order.stop_price) parts.push(`at ${grouped(order.stop_price)}`);
  if (order.limit_price) parts.push(grouped(order.limit_price));
  return parts.join(": ") || "market";
}
