// What is wrong, or soon will be, with files of certificates and keys: for the operator, with what to do about it.
// The same shape as the findings about the configuration, so that both go into one list.

export interface CertificateFinding {
  readonly severity: 'error' | 'warning'
  readonly file: string
  readonly line: undefined
  /** Which part of the settings names the file, such as `domains.corp.example`; empty when it is the file itself. */
  readonly path: string
  /** What is wrong and what to do. */
  readonly message: string
}

export function certificateFinding(
  severity: 'error' | 'warning',
  file: string,
  path: string,
  message: string,
): CertificateFinding {
  return { severity, file, line: undefined, path, message }
}
