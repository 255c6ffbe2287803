import { z } from "zod"

/** What the witness reads of a block. Its last commit judges the height before it. */
const SIGNATURE = z.object({ block_id_flag: z.number(), validator_address: z.string() })

const VOTE = z.object({ validator_address: z.string(), height: z.coerce.number() })

const EVIDENCE = z.object({
  type: z.string(),
  value: z.object({ vote_a: VOTE.optional(), vote_b: VOTE.optional() }),
})

export const BLOCK = z.object({
  block: z.object({
    header: z.object({ height: z.coerce.number(), proposer_address: z.string(), time: z.string() }),
    evidence: z.object({ evidence: z.array(EVIDENCE).nullable() }),
    last_commit: z.object({ height: z.coerce.number(), round: z.number(), signatures: z.array(SIGNATURE).nullable() }),
  }),
})

export type Block = z.infer<typeof BLOCK>["block"]
