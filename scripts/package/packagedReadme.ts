const NOT_PACKAGED = /<!-- not packaged -->[\s\S]*?<!-- \/not packaged -->\n*/g;
const PICTURE_ROW = /^\| (.+?) +\| +(?:\[<img .*|\|)$/gm;
const TABLE_HEAD = /^\| Feature +\| Picture +\|\n\|[ -]+\|[ -]+\|\n/m;

/**
 * Returns the README for the package, which has neither pictures nor the contributors' documents: without the blocks
 * marked as not packaged, and with the table of pictures as a list.
 */
export function packagedReadme(readme: string): string {
  return readme.replaceAll(NOT_PACKAGED, '').replace(TABLE_HEAD, '').replaceAll(PICTURE_ROW, '- $1');
}
