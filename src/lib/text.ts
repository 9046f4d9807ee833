/** Unicode NFC without blanks at either end. */
export const tidy = (text: string): string => text.normalize("NFC").trim();

/** The length people see: code points, not UTF-16 units. */
export const textLength = (text: string): number => [...text].length;

/** NUL, other control characters (but tab and line ends), lone surrogates: nothing a person types. */
export const hasForbiddenCharacters = (text: string): boolean =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  !text.isWellFormed() || /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/.test(text);

/** A text that a spreadsheet would run as a formula (OWASP: CSV injection). */
export const looksLikeFormula = (text: string): boolean => /^\s*[=+\-@]/.test(text);

/** A web address, with or without its scheme. "Prof.de Vries" is none: short titles before a particle are not hosts. */
export const hasLink = (text: string): boolean =>
  /https?:|www\.|\/\//i.test(text) ||
  /[\p{L}\p{N}-]{2}\.(com|net|org|info|io|ru|cn|xyz|top|shop|site|online|co|uk|eu)\b/iu.test(text) ||
  /[\p{L}\p{N}-]{5}\.(de|fr)\b/iu.test(text);

/**
 * A name as it is compared: without case, accents, spaces, hyphens, apostrophes, dots and invisible characters,
 * so that "Anne-Marie O'Brien" and "ANNE MARIE OBRIEN" are one person. Marks fall only where they are accents: in other
 * scripts they are vowels.
 */
export const foldName = (name: string): string =>
  name
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll("ß", "ss")
    .replaceAll("ς", "σ")
    .replaceAll("ı", "i")
    .replace(/[\p{Cf}\s\p{Pd}.'’`´ʼ]/gu, "")
    .replace(/(?<=[\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}]\p{M}*)\p{M}/gu, "")
    .normalize("NFC");

/** A postcode as it is compared: upper case, letters and digits only. */
export const foldPostcode = (postcode: string): string =>
  postcode
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
