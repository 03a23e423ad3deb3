type Status = "open" | "veryLate";
interface Circle { radius: number }
interface Square { side: number }
type Shape = { tag: "circle"; val: Circle } | { tag: "square"; val: Square } | { tag: "nothing" };
interface Order {
  id: bigint;
  ratio: number;
  note?: string;
  tags: string[];
  status: Status;
  shape: Shape;
  data: Uint8Array;
  counts: [string, bigint][];
}

export function inTypescript(order: Order): Order {
  const id = order.id + 1n;
  return {
    id,
    ratio: order.ratio + 0.2,
    note: order.note ?? "from TypeScript",
    tags: [...order.tags, "TypeScript é"],
    status: order.status === "open" ? "veryLate" : "open",
    shape: order.shape.tag === "nothing" ? { tag: "circle", val: { radius: 1.5 } } : { tag: "nothing" },
    data: new Uint8Array([...order.data, 255]),
    counts: [...order.counts, ["TypeScript", id]],
  };
}
