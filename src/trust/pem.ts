// Certificates in PEM, RFC 7468, as lax as files are: text between the blocks, CRLF, several blocks.

const BEGIN = /-----BEGIN (?:X509 )?CERTIFICATE-----/g
const END = /-----END (?:X509 )?CERTIFICATE-----/g

/** The DER of every certificate in the text, in its order. Every character is looked at once, whatever the text. */
export function decodePem(text: string): Buffer[] {
  const ders: Buffer[] = []
  for (let at = 0; ;) {
    BEGIN.lastIndex = at
    if (!BEGIN.test(text)) return ders
    END.lastIndex = BEGIN.lastIndex
    const end = END.exec(text)
    if (!end) return ders
    ders.push(Buffer.from(text.slice(BEGIN.lastIndex, end.index), 'base64'))
    at = END.lastIndex
  }
}

/** DER → PEM with lines of 64. */
export function encodePem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
