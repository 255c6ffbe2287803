/** Paths of the operator's machine as text: the application knows no working directory, so they stay as relative as they were given. */

/** The directory that a file lies in: `.` for a bare name. */
export function directoryOf(file: string): string {
  const slash = file.lastIndexOf("/")
  if (slash < 0) return "."
  return slash === 0 ? "/" : file.slice(0, slash)
}

/** The last part of a path. */
export function baseName(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1)
}

/** A path as seen from a directory; an absolute one stands for itself, and `~/` means the home directory. */
export function pathFrom(dir: string, path: string, home?: string): string {
  if (path.startsWith("/")) return path
  if (path.startsWith("~/") && home !== undefined) return `${home}/${path.slice(2)}`
  return dir === "." ? path : `${dir.replace(/\/$/, "")}/${path}`
}

/** The other way round: how a path that `pathFrom` made reads from its directory. @throws Error for one that is not below it */
export function pathBelow(dir: string, path: string): string {
  if (dir === ".") return path
  const prefix = `${dir.replace(/\/$/, "")}/`
  if (!path.startsWith(prefix)) throw new Error(`${path} is not below ${dir}`)
  return path.slice(prefix.length)
}
