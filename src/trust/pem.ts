// Certificates in PEM, RFC 7468, as lax as files are: text between the blocks, CRLF, several blocks.

const BLOCK = /-----BEGIN (?:X509 )?CERTIFICATE-----([\s\S]*?)-----END (?:X509 )?CERTIFICATE-----/g

/** The DER of every certificate in the text, in its order. */
export function decodePem(text: string): Buffer[] {
  return Array.from(text.matchAll(BLOCK), (match) => Buffer.from(match[1]!, 'base64'))
}

/** DER → PEM with lines of 64. */
export function encodePem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
