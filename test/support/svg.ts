/** A rectangle on a picture; y grows downwards, or both up: only the overlap matters. */
export type Box = { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number }

const TAG = /<(\/?)([A-Za-z][\w:.-]*)((?:\s+[\w:.-]+="[^"<]*")*)\s*(\/?)>/y
const TEXT = /(?:[^<&]|&(?:#\d+|#x[0-9a-fA-F]+|amp|lt|gt|quot|apos);)+/y

/** Reads XML strictly, without a declaration's parts. @throws Error at the first place that is not well-formed */
export function assertWellFormed(xml: string): void {
  const body = xml.replace(/^<\?xml [^?]*\?>\s*(<!DOCTYPE [^>]*>)?\s*/, "").trimEnd()
  const open: string[] = []
  let at = 0
  while (at < body.length) {
    TAG.lastIndex = at
    TEXT.lastIndex = at
    const tag = TAG.exec(body)
    const end = tag ? TAG.lastIndex : TEXT.exec(body) ? TEXT.lastIndex : at
    if (end === at) throw new Error(`not XML: ${body.slice(at, at + 60)}`)
    if (tag?.[1] === "/" && open.pop() !== tag[2]) throw new Error(`</${tag[2]}> closes nothing`)
    if (tag && tag[1] === "" && tag[4] === "") open.push(tag[2] ?? "")
    if (open.length === 0 && end < body.length) throw new Error("there is more than one root")
    at = end
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)}> is not closed`)
}

/** The texts of a picture, decoded, with the room that they take up in a font as wide as Arial. */
export function textsOf(svg: string): readonly { readonly text: string; readonly box: Box }[] {
  return [...svg.matchAll(/<text ([^>]*)>([^<]*)<\/text>/g)].map(([, attributes = "", content = ""]) => {
    const value = (name: string) => Number(attributes.match(new RegExp(` ${name}="(-?[\\d.]+)"`))?.[1] ?? Number.NaN)
    const text = content.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code))).replaceAll("&#160;", " ")
    const size = value("font-size")
    const width = text.length * size * 0.5
    const x = ` ${attributes}`.match(/ x="(-?[\d.]+)"/)?.[1]
    const left = Number(x) - (attributes.includes('text-anchor="middle"') ? width / 2 : 0)
    return { text, box: { left, right: left + width, top: value("y") - size * 0.7, bottom: value("y") } }
  })
}

/** What surrounds the shapes of one class, such as Graphviz's clusters. */
export function shapesOf(svg: string, kind: "cluster" | "node"): readonly Box[] {
  return [...svg.matchAll(new RegExp(`<g id="[^"]*" class="${kind}">([\\s\\S]*?)</g>`, "g"))].map(([, content = ""]) => {
    const points = [...content.matchAll(/ (?:points|d)="([^"]*)"/g)].flatMap(([, list = ""]) => [
      ...list.matchAll(/(-?[\d.]+),(-?[\d.]+)/g),
    ])
    const xs = points.map(([, x]) => Number(x))
    const ys = points.map(([, , y]) => Number(y))
    return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) }
  })
}

export function overlaps(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}
