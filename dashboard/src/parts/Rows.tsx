/** A table of rows: sorted by any column, numbers to the right, empty in words. */
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { memo, type ReactNode, useMemo, useState } from "react";
import { Empty } from "./States";

export type Column<Row> = {
  name: string;
  title: ReactNode;
  cell: (row: Row) => ReactNode;
  /** What to sort by; without it the column cannot be sorted. */
  by?: (row: Row) => string | number | null | undefined;
  isNumber?: boolean;
  width?: number | string;
};

export function Rows<Row>({
  rows,
  columns,
  keyOf,
  empty,
  onRow,
  chosen,
  isPast,
  beneath,
  label,
}: {
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  keyOf: (row: Row) => string;
  empty: ReactNode;
  onRow?: (row: Row) => void;
  chosen?: string | null;
  /** Whether a row only keeps its place: greyed out. */
  isPast?: (row: Row) => boolean;
  /** What is said of a row, over the whole width beneath it. */
  beneath?: (row: Row) => ReactNode;
  label?: string;
}) {
  const [sorting, setSorting] = useState<{ name: string; down: boolean } | null>(null);
  const sorted = useMemo(() => {
    const by = sorting && columns.find((column) => column.name === sorting.name)?.by;
    if (!sorting || !by) return rows;
    const sign = sorting.down ? -1 : 1;
    return [...rows].sort((one, other) => sign * compare(by(one), by(other)));
  }, [rows, columns, sorting]);

  if (rows.length === 0) {
    return typeof empty === "string" ? <Empty title={empty} /> : empty;
  }
  return (
    <table className="rows" aria-label={label}>
      <thead>
        <tr>
          {columns.map((column) => {
            const isSorted = sorting?.name === column.name;
            return (
              <th
                key={column.name}
                className={column.isNumber ? "number" : ""}
                style={{ width: column.width, minWidth: column.width }}
                aria-sort={isSorted ? (sorting.down ? "descending" : "ascending") : undefined}
              >
                {column.by ? (
                  <button
                    type="button"
                    onClick={() =>
                      setSorting({ name: column.name, down: isSorted ? !sorting.down : true })
                    }
                  >
                    {column.title}
                    {isSorted &&
                      (sorting.down ? <IconChevronDown size={12} /> : <IconChevronUp size={12} />)}
                  </button>
                ) : (
                  column.title
                )}
              </th>
            );
          })}
        </tr>
      </thead>
      <tbody>
        {sorted.map((row) => {
          const key = keyOf(row);
          return (
            <Line
              key={key}
              row={row}
              columns={columns}
              onRow={onRow}
              isPast={isPast?.(row)}
              isChosen={chosen === undefined ? undefined : chosen === key}
              said={beneath?.(row)}
            />
          );
        })}
      </tbody>
    </table>
  );
}

type Drawn<Row> = {
  row: Row;
  columns: readonly Column<Row>[];
  onRow: ((row: Row) => void) | undefined;
  isPast: boolean | undefined;
  isChosen: boolean | undefined;
  said: ReactNode;
};

/** One row, drawn again only when it changed: pushes come often, and touch a few of hundreds. */
const Line = memo(function Line<Row>({ row, columns, onRow, isPast, isChosen, said }: Drawn<Row>) {
  return (
    <>
      <tr
        onClick={onRow && (() => onRow(row))}
        data-past={isPast || undefined}
        aria-selected={isChosen}
        style={{
          cursor: onRow ? "pointer" : undefined,
          background: isChosen ? "var(--line)" : undefined,
        }}
      >
        {columns.map((column) => (
          <td key={column.name} className={column.isNumber ? "number" : ""}>
            {column.cell(row)}
          </td>
        ))}
      </tr>
      {said && (
        <tr>
          <td colSpan={columns.length}>{said}</td>
        </tr>
      )}
    </>
  );
}) as <Row>(drawn: Drawn<Row>) => ReactNode;

function compare(one: string | number | null | undefined, other: typeof one): number {
  if (one === other) return 0;
  if (one === null || one === undefined) return -1;
  if (other === null || other === undefined) return 1;
  if (typeof one === "number" && typeof other === "number") return one - other;
  return String(one).localeCompare(String(other), undefined, { numeric: true });
}
