import { type InitPorts, type InitRequest, type PreparedInit, prepareInit, refuseExisting } from "../../app/init.ts"
import { type Choice, presetChoices, profileChoices } from "../../app/init-choices.ts"
import { AppError, EXIT } from "../../core/errors.ts"
import type { Questions } from "../../core/questions.ts"
import { settingText } from "../../core/spec/edit.ts"
import { askForImports } from "./imports.ts"
import { openPlaces } from "./open-places.ts"
import { problemWith } from "./problem.ts"
import { summaryText } from "./summary.ts"

/** What the command line says already; it is not asked for. */
export type Given = Omit<InitRequest, "preset">

/** What the wizard starts from; the cursor stands there. */
const FIRST = { profile: "gonka-mainnet", preset: "ha-2" } as const

/**
 * Asks for everything that `init` needs, shows what would be written, and asks once more. It writes nothing.
 * @throws AppError CANCELLED, and what `prepareInit` throws about the options that were given
 */
export async function askForInit(
  ports: InitPorts,
  questions: Questions,
  given: Given,
): Promise<{ readonly request: InitRequest; readonly prepared: PreparedInit }> {
  await refuseExisting(ports.files, given.file)
  questions.begin("gonka-ha init: a topology file, keys and .gitignore; nothing is written before you have seen what")
  const profile = given.profile ?? (await choice(questions, "Which network?", await profileChoices(ports), FIRST.profile))
  const preset = await choice(questions, "Which shape?", await presetChoices(ports), FIRST.preset)
  const named = await askForName(ports, questions, { ...given, profile, preset })
  const imported = await askForImports(ports, questions, named)
  const request = await askForOpenPlaces(ports, questions, imported)
  const prepared = await prepareInit(ports, request)
  questions.tell("This is what will be made", summaryText(request, prepared))
  if (await questions.yesOrNo({ message: "Write it?", first: true })) return { request, prepared }
  throw new AppError("CANCELLED", EXIT.cancelled, "cancelled, nothing was written")
}

async function choice(questions: Questions, message: string, alternatives: readonly Choice[], first: string): Promise<string> {
  return await questions.choose({ message, alternatives, first })
}

async function askForName(ports: InitPorts, questions: Questions, request: InitRequest): Promise<InitRequest> {
  const { deployment } = await prepareInit(ports, request)
  if (request.name !== undefined) return request
  const name = await questions.text({
    message: "Name of the deployment",
    hint: "part of every container's name and of the directory on each host",
    start: deployment,
    check: (answer) => problemWith(ports, { ...request, name: answer }, ["name"]),
  })
  return { ...request, name }
}

/** Every placeholder; what is left empty stays one, and is listed at the end. */
async function askForOpenPlaces(ports: InitPorts, questions: Questions, start: InitRequest): Promise<InitRequest> {
  let request = start
  for (const place of openPlaces(await prepareInit(ports, request))) {
    const before = request
    const answeredWith = (answer: string): InitRequest => {
      const value = place.isList ? answer.split(",").map((item) => item.trim()) : answer
      return { ...before, settings: [...before.settings, settingText(place.path, value)] }
    }
    const answer = await questions.text({
      message: place.message,
      hint: `${place.hint}${place.hint === "" ? "" : "; "}empty: fill it in later`,
      check: async (text) => (text === "" ? undefined : await problemWith(ports, answeredWith(text), place.path)),
    })
    if (answer !== "") request = answeredWith(answer)
  }
  return request
}
