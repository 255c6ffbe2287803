/**
 * Lays a graph out and draws it. Graphviz comes as WebAssembly, which is large: nothing loads it before a picture is wanted.
 *
 * @param dot what `dotText` has written
 */
export async function svgOfDot(dot: string): Promise<string> {
  const { instance } = await import("@viz-js/viz")
  const viz = await instance()
  return tidied(viz.renderString(dot, { format: "svg", engine: "dot" }))
}

/**
 * Graphviz repeats its inner names in comments and as tooltips, where they only confuse; it also names its version. Its one font is not
 * on every machine, but fonts with the same widths are.
 */
function tidied(svg: string): string {
  return svg
    .replaceAll(/<!--[\s\S]*?-->\n?/g, "")
    .replaceAll(/<title>[^<]*<\/title>\n?/g, "")
    .replaceAll('font-family="Arial"', 'font-family="Arial,Helvetica,Liberation Sans,sans-serif"')
}
