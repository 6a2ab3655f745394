/** What the system has to say, in words for who runs it. */

const words: Readonly<Record<string, string>> = {
  EACCES: "no permission",
  EPERM: "not allowed",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  EMFILE: "Evenkeel has too many files open",
  ENFILE: "the system has too many files open",
  ENOTDIR: "a part of its path is not a folder",
  EISDIR: "it is a folder",
  E2BIG: "its arguments and environment are too long",
  ENOMEM: "there is not enough memory",
};

/** A few plain words; what is not known here is passed on as it came. */
export function explainError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return words[(error as NodeJS.ErrnoException).code ?? ""] ?? error.message;
}
