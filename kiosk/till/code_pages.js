/** Code pages: the characters that a receipt printer has, and the number that it knows each page by (`ESC t`). Pure. */

/** @type {Record<string, {number: number, name: string, upper: () => string}>} */
export const PAGES = {
  cp858: { number: 19, name: "858 Western Europe", upper: () => "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈ€ÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0" },
  cp852: { number: 18, name: "852 Central Europe", upper: () => "ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u00ad˝˛ˇ˘§÷¸°¨˙űŘř■\u00a0" },
  cp866: { number: 17, name: "866 Cyrillic", upper: () => decoded("ibm866") },
  cp1252: { number: 16, name: "1252 Western Europe", upper: () => decoded("windows-1252") },
  cp1250: { number: 45, name: "1250 Central Europe", upper: () => decoded("windows-1250") },
  cp1251: { number: 46, name: "1251 Cyrillic", upper: () => decoded("windows-1251") },
  cp1253: { number: 47, name: "1253 Greek", upper: () => decoded("windows-1253") },
  cp1254: { number: 48, name: "1254 Turkish", upper: () => decoded("windows-1254") },
};

/** @param {string} label of the browser's own table */
const decoded = (label) => new TextDecoder(label).decode(Uint8Array.from({ length: 128 }, (_, i) => 128 + i));

/** Signs that mean the same on paper, where the page has not got the better one. @type {Record<string, string>} */
const PLAIN = { "−": "-", "–": "-", "—": "-", "…": "...", "’": "'", "‘": "'", "“": "\"", "”": "\"", "„": "\"", "×": "x", "·": "-", "•": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " " };

/** @type {Map<string, Map<string, number>>} */
const made = new Map();

/** @param {string} page */
function tableOf(page) {
  let table = made.get(page);
  if (!table) {
    table = new Map([...PAGES[page].upper()].map((character, i) => [character, 128 + i]));
    for (const character of [...table.keys()]) if (/[\u0080-\u009f\u00ad\ufffd]/.test(character)) table.delete(character); // a hole in the page
    for (let code = 32; code < 127; code += 1) table.set(String.fromCharCode(code), code);
    made.set(page, table);
  }
  return table;
}

/** The bytes of a text; null where the page lacks one of its characters. @param {string} text @param {string} page @returns {number[] | null} */
export function encode(text, page) {
  if (!(page in PAGES)) return null;
  const table = tableOf(page);
  const bytes = [];
  for (const character of text.normalize("NFC")) {
    for (const one of table.has(character) ? [character] : PLAIN[character] ?? [character]) {
      const code = table.get(one);
      if (code === undefined) return null;
      bytes.push(code);
    }
  }
  return bytes;
}
