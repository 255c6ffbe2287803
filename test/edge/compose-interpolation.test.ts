import { expect, it } from "vitest"
import { z } from "zod"
import { ensureSetup } from "../../dev/setup/ensure-setup.ts"
import { renderFiles } from "../../src/core/render/fileset.ts"
import { nodeOf } from "../../src/core/topology.ts"
import { sha256 } from "../../src/edge/sha256.ts"
import { docker } from "../lab/docker.ts"
import { goldenSpec } from "../support/golden-specs.ts"
import { goldenTopology } from "../support/golden-topology.ts"
import { realScripts } from "../support/scripts.ts"

const SETUP_LIMIT_MS = 20 * 60_000

const servicesSchema = z.object({ services: z.record(z.string(), z.looseObject({})) })

it(
  "Compose takes every dollar sign of a patch for itself, whatever the host's shell says",
  async () => {
    const { images } = await ensureSetup((line) => process.stderr.write(`${line}\n`))
    const topology = goldenTopology(...goldenSpec("ha-2").texts)
    const patch = {
      environment: { A: `$INTRUDER and \${INTRUDER:-else} and $$INTRUDER`, B: "$INTRUDER" },
      healthcheck: { test: ["CMD-SHELL", "test $((1+1)) = 2"] },
    }
    const files = renderFiles({ ...topology, composePatches: new Map([["node-1", patch]]) }, realScripts(), sha256)
    const compose = files.get(nodeOf(topology, "node-1").host)?.files.find(({ path }) => path === "compose.yaml")?.content ?? ""
    const said = await docker(
      [
        ...["run", "--rm", "--interactive", "--network", "none", "--env", "INTRUDER=from the shell", "--entrypoint", "sh", images.host],
        ...["-c", "cd /tmp; cat > compose.yaml; docker compose config --format json"],
      ],
      compose,
    )
    // What Compose prints is a Compose file again, in which each sign is doubled.
    const { services } = servicesSchema.parse(JSON.parse(said.replaceAll("$$", () => "$")))
    expect(services["node-1"]).toMatchObject(patch)
  },
  SETUP_LIMIT_MS,
)
