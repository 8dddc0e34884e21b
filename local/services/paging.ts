/** One page of a list. The token is the position of the next page; none means that this page is the last. */
export function pageOf<T>(
  items: readonly T[],
  limit = items.length,
  token?: string,
): { page: readonly T[]; next: string | undefined } {
  const from = Number(token ?? 0);
  const to = from + limit;
  return { page: items.slice(from, to), next: to < items.length ? String(to) : undefined };
}
