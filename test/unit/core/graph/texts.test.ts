import { describe, expect, it } from "vitest"
import { dotText } from "../../../../src/core/graph/dot.ts"
import { graphOf } from "../../../../src/core/graph/graph-of.ts"
import { mermaidText } from "../../../../src/core/graph/mermaid.ts"
import { svgOfDot } from "../../../../src/core/graph/svg.ts"
import { goldenSpec, goldenSpecs } from "../../../support/golden-specs.ts"
import { checkedTexts } from "../../../support/golden-topology.ts"
import { RULE_BASE } from "../../../support/rule-example.ts"
import { assertWellFormed, overlaps, shapesOf, textsOf } from "../../../support/svg.ts"

function graph(...texts: readonly string[]) {
  const { spec, issues } = checkedTexts(...texts)
  if (!spec) throw new Error(JSON.stringify(issues))
  return graphOf(spec)
}

const svgOf = (...texts: readonly string[]) => svgOfDot(dotText(graph(...texts)))

const PLACES = `hosts: { sen-1: { provider: ${JSON.stringify(`<b>"R&D" '\\#1;\`%\``)}, site: "a\\nline" } }`

it("Mermaid", () => {
  expect(mermaidText(graph(...goldenSpec("shared-hosts").texts))).toMatchInlineSnapshot(`
    "%%{init: {"flowchart": {"rankSpacing": 110, "wrappingWidth": 500}}}%%
    %% small on small-1
    %% signer to node: solid to the first active node, dashed to the other candidates; each signer has its colour
    %% not drawn: parking signers, and peers among the sentries and among the private nodes
    flowchart LR
      network(["the network<br/>small-1"]):::hub
      mesh{{"p2p<br/>every sentry with<br/>every private node"}}:::hub
      subgraph host_alpha["<b>alpha</b> <small>10.0.0.1, 203.0.113.1</small>"]
        node_edge_a["<b>edge-a</b><br/>p2p only"]:::sentries
        subgraph private_on_alpha["private nodes"]
          direction LR
          node_other["<b>other</b><br/>candidate of second"]:::private
          node_val_a["<b>val-a</b><br/>candidate of main"]:::private
        end
      end
      subgraph host_beta["<b>beta</b> <small>10.0.0.2</small>"]
        node_edge_b["<b>edge-b</b><br/>p2p only"]:::sentries
        subgraph private_on_beta["private nodes"]
          direction LR
          node_reader["<b>reader</b><br/>never signs"]:::private
          node_val_b["<b>val-b</b><br/>candidate of main"]:::private
        end
        signer_main["<b>main</b><br/>softsign"]:::signers
        signer_second["<b>second</b><br/>softsign"]:::signers
      end
      network --- node_edge_a
      network --- node_edge_b
      node_edge_a --- mesh
      node_edge_b --- mesh
      mesh --- private_on_alpha
      mesh --- private_on_beta
      node_val_b --- signer_main
      node_val_a -.- signer_main
      node_other --- signer_second
      linkStyle 0,1 stroke:#546e7a
      linkStyle 2,3,4,5 stroke:#1565c0
      linkStyle 6,7 stroke:#d84315
      linkStyle 8 stroke:#ad1457
      classDef host fill:#fafafa,stroke:#b0bec5,color:#111
      classDef frame fill:#fff,stroke:#b0bec5,color:#111
      classDef hub fill:#fff,stroke:#546e7a,color:#111
      classDef edges fill:#eceff1,stroke:#546e7a,color:#111
      classDef sentries fill:#e3f2fd,stroke:#1565c0,color:#111
      classDef private fill:#e8f5e9,stroke:#2e7d32,color:#111
      classDef apis fill:#f3e5f5,stroke:#6a1b9a,color:#111
      classDef signers fill:#fff3e0,stroke:#d84315,color:#111
      class host_alpha host
      class host_beta host
      class private_on_alpha frame
      class private_on_beta frame
    "
  `)
})

it("dot", () => {
  expect(dotText(graph(...goldenSpec("ha-2-devnet").texts))).toMatchInlineSnapshot(`
    "digraph {
      graph [rankdir=LR, bgcolor=white, fontname="Arial", fontsize=10, nodesep=0.25, ranksep=0.9, newrank=true, labelloc=b, labeljust=l, label=<<br align="left"/><b>lab on lab-1</b><br align="left"/>signer to node: solid to the first active node, dashed to the other candidates<br align="left"/>not drawn: parking signers, and peers among the sentries and among the private nodes<br align="left"/>>]
      node [shape=plain, fontname="Arial", fontsize=11]
      edge [arrowsize=0.7]
      network [shape=ellipse, style=filled, fillcolor=white, color="#546e7a", margin="0.08,0.04", label=<<b>the network</b><br/><font point-size="9">lab-1</font>>]
      subgraph cluster_host_sen_1 {
        graph [style="rounded,filled", color="#b0bec5", fillcolor="#fafafa", margin=10, labelloc=t, labeljust=l, label=<<b>sen-1</b><br align="left"/><font point-size="9">10.0.0.11, 203.0.113.11</font><br align="left"/>>]
        sentries_on_sen_1 [label=<<table border="0" cellborder="1" cellspacing="0" cellpadding="4" color="#1565c0" bgcolor="#e3f2fd"><tr><td bgcolor="#1565c0"><font color="white" point-size="9">sentries</font></td></tr><tr><td port="node_sentry_1" align="left" balign="left"><b>sentry-1</b><br/><font point-size="9">p2p only</font></td></tr></table>>]
      }
      subgraph cluster_host_sen_2 {
        graph [style="rounded,filled", color="#b0bec5", fillcolor="#fafafa", margin=10, labelloc=t, labeljust=l, label=<<b>sen-2</b><br align="left"/><font point-size="9">10.0.0.12, 203.0.113.12</font><br align="left"/>>]
        sentries_on_sen_2 [label=<<table border="0" cellborder="1" cellspacing="0" cellpadding="4" color="#1565c0" bgcolor="#e3f2fd"><tr><td bgcolor="#1565c0"><font color="white" point-size="9">sentries</font></td></tr><tr><td port="node_sentry_2" align="left" balign="left"><b>sentry-2</b><br/><font point-size="9">p2p only</font></td></tr></table>>]
      }
      subgraph cluster_host_sig_1 {
        graph [style="rounded,filled", color="#b0bec5", fillcolor="#fafafa", margin=10, labelloc=t, labeljust=l, label=<<b>sig-1</b><br align="left"/><font point-size="9">10.0.0.31</font><br align="left"/>>]
        signers_on_sig_1 [label=<<table border="0" cellborder="1" cellspacing="0" cellpadding="4" color="#d84315" bgcolor="#fff3e0"><tr><td bgcolor="#d84315"><font color="white" point-size="9">signers</font></td></tr><tr><td port="signer_main" align="left" balign="left"><b>main</b><br/><font point-size="9">softsign</font></td></tr></table>>]
      }
      subgraph cluster_host_val_1 {
        graph [style="rounded,filled", color="#b0bec5", fillcolor="#fafafa", margin=10, labelloc=t, labeljust=l, label=<<b>val-1</b><br align="left"/><font point-size="9">10.0.0.21</font><br align="left"/>>]
        private_on_val_1 [label=<<table border="0" cellborder="1" cellspacing="0" cellpadding="4" color="#2e7d32" bgcolor="#e8f5e9"><tr><td bgcolor="#2e7d32"><font color="white" point-size="9">private nodes</font></td></tr><tr><td port="node_node_1" align="left" balign="left"><b>node-1</b><br/><font point-size="9">candidate of main</font></td></tr></table>>]
      }
      subgraph cluster_host_val_2 {
        graph [style="rounded,filled", color="#b0bec5", fillcolor="#fafafa", margin=10, labelloc=t, labeljust=l, label=<<b>val-2</b><br align="left"/><font point-size="9">10.0.0.22</font><br align="left"/>>]
        private_on_val_2 [label=<<table border="0" cellborder="1" cellspacing="0" cellpadding="4" color="#2e7d32" bgcolor="#e8f5e9"><tr><td bgcolor="#2e7d32"><font color="white" point-size="9">private nodes</font></td></tr><tr><td port="node_node_2" align="left" balign="left"><b>node-2</b><br/><font point-size="9">candidate of main</font></td></tr></table>>]
      }
      network:e -> sentries_on_sen_1:w [color="#546e7a", dir=both, style=solid, penwidth=1.4]
      network:e -> sentries_on_sen_2:w [color="#546e7a", dir=both, style=solid, penwidth=1.4]
      sentries_on_sen_1:node_sentry_1:e -> private_on_val_1:node_node_1:w [color="#1565c0", dir=none, style=solid, penwidth=1.4]
      sentries_on_sen_1:node_sentry_1:e -> private_on_val_2:node_node_2:w [color="#1565c0", dir=none, style=solid, penwidth=1.4]
      sentries_on_sen_2:node_sentry_2:e -> private_on_val_1:node_node_1:w [color="#1565c0", dir=none, style=solid, penwidth=1.4]
      sentries_on_sen_2:node_sentry_2:e -> private_on_val_2:node_node_2:w [color="#1565c0", dir=none, style=solid, penwidth=1.4]
      private_on_val_1:node_node_1:e -> signers_on_sig_1:signer_main:w [color="#d84315", dir=back, style=solid, penwidth=1.4]
      private_on_val_2:node_node_2:e -> signers_on_sig_1:signer_main:w [color="#d84315", dir=back, style=dashed, penwidth=0.8]
    }
    "
  `)
})

describe("free text", () => {
  it("cannot leave its label in Mermaid", () => {
    const text = mermaidText(graph(RULE_BASE, PLACES))
    expect(text).toContain(
      'subgraph host_sen_1["<b>sen-1</b> <small>10.0.0.11, 203.0.113.11, &lt;b&gt;&quot;R&amp;D&quot; &apos;&bsol;&num;1;&grave;%&grave; / a line</small>"]',
    )
  })

  it("makes no title of Mermaid wider than there is room", () => {
    const long = `hosts: { sen-1: { provider: "${"p".repeat(60)}", site: "${"s".repeat(60)}" } }`
    expect(mermaidText(graph(RULE_BASE, long))).toContain(`<small>10.0.0.11, 203.0.113.11, ${"p".repeat(28)}…</small>`)
  })

  it("cannot leave its label in dot and SVG", async () => {
    const dot = dotText(graph(RULE_BASE, PLACES))
    expect(dot).toContain("&#60;b&#62;&#34;R&#38;D&#34; &#39;\\#1;`%` / a line</font>")
    const svg = await svgOfDot(dot)
    assertWellFormed(svg)
    expect(svg).toContain("&lt;b&gt;&quot;R&amp;D&quot;")
  })
})

it("draws the same picture every time", async () => {
  expect(await svgOf(RULE_BASE)).toBe(await svgOf(RULE_BASE))
})

describe.each(goldenSpecs())("SVG of $name", ({ texts }) => {
  it("is XML that holds every name once, and nothing lies on anything else", async () => {
    const { hosts } = graph(...texts)
    const svg = await svgOf(...texts)
    assertWellFormed(svg)
    expect(svg).not.toMatch(/<!--|<title>/)

    const drawn = textsOf(svg)
    const names = hosts.flatMap(({ name, groups }) => [name, ...groups.flatMap(({ items }) => items.map((item) => item.name))])
    const count = (list: readonly string[], name: string) => list.filter((text) => text === name).length
    const written = drawn.map(({ text }) => text)
    for (const name of names) expect([name, count(written, name)]).toEqual([name, count(names, name)])

    const boxes = shapesOf(svg, "cluster")
    expect(boxes).toHaveLength(hosts.length)
    expect(boxes.filter((box, index) => boxes.slice(index + 1).some((other) => overlaps(box, other)))).toEqual([])
    expect(
      drawn.filter(({ box }, index) => drawn.slice(index + 1).some((other) => overlaps(box, other.box))).map(({ text }) => text),
    ).toEqual([])
  })
})
