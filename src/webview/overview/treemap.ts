/** A rectangle in parts of the whole, from 0 to 1. */
export interface Tile {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Divides a rectangle among shares, so that tiles are nearly square: a row takes further tiles as long as that makes
 * its longest tile less long.
 * @param shares in descending order, together at most 1
 * @param ratio width of the whole divided by its height
 */
export function treemap(shares: readonly number[], ratio: number): Tile[] {
  const tiles: Tile[] = [];
  let [left, top, width, height] = [0, 0, 1, 1];
  let rest = shares.filter((share) => share > 0);
  let total = rest.reduce((sum, share) => sum + share, 0);
  while (rest.length > 0) {
    const isWide = width * ratio >= height;
    const count = rowLength(rest, total, isWide ? [width * ratio, height] : [height, width * ratio]);
    const row = rest.slice(0, count);
    const part = row.reduce((sum, share) => sum + share, 0) / total;
    let along = isWide ? top : left;
    for (const share of row) {
      const length = ((share / total) * (isWide ? height : width)) / part;
      tiles.push(
        isWide
          ? { left, top: along, width: width * part, height: length }
          : { left: along, top, width: length, height: height * part },
      );
      along += length;
    }
    if (isWide) [left, width] = [left + width * part, width * (1 - part)];
    else [top, height] = [top + height * part, height * (1 - part)];
    total -= part * total;
    rest = rest.slice(count);
  }
  return tiles;
}

/**
 * Returns the number of tiles for the next row.
 * @param sides of the free rectangle: the side that rows fill, and the side along which a row lies
 */
function rowLength(shares: readonly number[], total: number, [depth, length]: readonly [number, number]): number {
  let best = Infinity;
  for (let count = 1; count <= shares.length; count++) {
    const row = shares.slice(0, count);
    const part = row.reduce((sum, share) => sum + share, 0) / total;
    const worst = Math.max(
      ...row.map((share) => {
        const [one, other] = [depth * part, ((share / total) * length) / part];
        return Math.max(one / other, other / one);
      }),
    );
    if (worst > best) return count - 1;
    best = worst;
  }
  return shares.length;
}
