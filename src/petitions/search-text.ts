const MAX_WORDS = 12;

/**
 * What people type into a search box as an FTS5 query: every word must occur, the last one may be unfinished.
 * Each word is quoted, so nothing typed is FTS5 syntax. Undefined when there is no word at all.
 */
export function searchQuery(text: string): string | undefined {
  const words = text.match(/[\p{L}\p{N}]+/gu)?.slice(0, MAX_WORDS);
  return words && `${words.map((word) => `"${word}"`).join(" ")}*`;
}

// Words that stand in any title, of the languages that texts exist in: they make nothing similar.
const STOP_WORDS = new Set(
  `about after all also and any are because been before being but can could did does for from get had has have how
  into its just less let like make many may more most much must need needs new not now off one only our out over own
  petition petitions please same should some stop such than that the their them then there these they this those too
  under until use very want was were what when where which while who why will with would you your
  aber alle als also auch auf aus bei beim bis bitte damit dass dem den denn der des deren die dies diese dieser dieses
  doch dort durch ein eine einem einen einer eines etwas für gegen haben hat hier ihr ihre ihren immer ins ist jede jeden
  jeder jedes kann kein keine können mehr mit muss müssen nach neue neuen neuer nicht noch nur ob oder ohne petitionen
  sein seine sich sie sind soll sollen sowie statt über und uns unser unsere unter vom von vor war was weg wegen weil
  wenn werden wie wir wird wollen zum zur zwischen
  afin alors après aux avant avec avoir car ces cet cette ceux chaque comme contre dans des donc dont elle elles entre
  est être fait faire ici ils les leur leurs lui mais même moins mon notre nos nous nouveau nouvelle ont par pas pétition
  pétitions peu plus pour pourquoi quand que quel quelle qui quoi sans sauf ses sont sous sur tous tout toute toutes très
  trop une vers veut vos votre vous`.split(/\s+/),
);

// Of a plural or a case, what a word has at its end in these languages; four letters of it must stay.
const ENDING = /(?<=^\p{L}{4,})(?:es|en|er|em|e|n|s|x)$/u;
// From four letters on a beginning says what a word is about; "car" would find carpets and carnivals.
const LEAST_BEGINNING = 4;
const LEAST_WORD = 3;

/**
 * A title as an FTS5 query for what is like it: any of its words that say something may occur, in any grammatical form
 * that begins the same. As in `searchQuery`, nothing typed is FTS5 syntax. Undefined when no word says anything.
 */
export function likeQuery(text: string): string | undefined {
  const words =
    text
      .normalize("NFC")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  const telling = words.filter((word) => (word.length >= LEAST_WORD || /\p{N}/u.test(word)) && !STOP_WORDS.has(word));
  const terms = telling.map((word) => {
    const stem = word.replace(ENDING, "");
    return stem.length >= LEAST_BEGINNING ? `"${stem}"*` : `"${word}"`;
  });
  const distinct = [...new Set(terms)].slice(0, MAX_WORDS);
  return distinct.length > 0 ? distinct.join(" OR ") : undefined;
}
