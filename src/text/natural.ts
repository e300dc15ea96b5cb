/** Compares texts with numbers by their value: `sda2` before `sda10`. */
export function compareNatural(a: string, b: string): number {
  const [one, other] = [piecesOf(a), piecesOf(b)];
  for (let i = 0; i < Math.min(one.length, other.length); i++) {
    const difference = comparePieces(one[i]!, other[i]!);
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

function piecesOf(text: string): string[] {
  return text.match(/\d+|\D+/g) ?? [];
}

function comparePieces(a: string, b: string): number {
  const difference = Number(a) - Number(b);
  if (!Number.isNaN(difference) && difference !== 0) return difference;
  return a < b ? -1 : a > b ? 1 : 0;
}
