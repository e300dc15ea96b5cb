/** `Promise.all` of `work` on each item, with at most `limit` of them under way at once. Results are in the order of the items. */
export async function mapAtMost<Item, Result>(
  items: readonly Item[],
  { limit, work }: {
    readonly limit: number;
    readonly work: (item: Item) => Promise<Result>;
  },
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  const left = items.entries();
  const workThroughTheRest = async () => {
    for (const [index, item] of left) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: limit }, workThroughTheRest));
  return results;
}
