/**
 * The one stylesheet of all pages, served as `/style.css`. Sizes follow the reader's font size; text keeps a contrast of
 * at least 4.5 : 1 and edges one of 3 : 1 in both colour schemes (WCAG 2.2, 1.4.3 and 1.4.11).
 */
export const stylesheet = `:root {
  color-scheme: light dark;
  --ground: #ffffff;
  --raised: #f1f4f8;
  --text: #1a1d21;
  --quiet: #4a5462;
  --line: #767f8c;
  --accent: #1a4f8b;
  --on-accent: #ffffff;
  --alert: #a01919;
  --focus: #8a4b00;
}

@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171c;
    --raised: #21262e;
    --text: #f0f2f5;
    --quiet: #b9c1cc;
    --line: #8d97a5;
    --accent: #9cc4ff;
    --on-accent: #10141a;
    --alert: #ffb0a8;
    --focus: #ffd27a;
  }
}

*, *::before, *::after { box-sizing: border-box; }

html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }

body {
  margin: 0;
  min-height: 100vh;
  display: flex;
  flex-direction: column;
  background: var(--ground);
  color: var(--text);
  font: 1.125rem/1.55 system-ui, sans-serif;
  overflow-wrap: anywhere;
}

header, main, footer {
  inline-size: 100%;
  max-inline-size: 42rem;
  margin-inline: auto;
  padding: 1rem;
}

header p { margin: 0; display: flex; flex-wrap: wrap; gap: 0 0.75rem; }
header span { color: var(--quiet); }

main { flex: 1; padding-block: 1.5rem 2.5rem; }
main:focus { outline: none; }

h1 { margin: 0 0 1rem; font-size: 1.75rem; line-height: 1.25; }
h2 { margin: 0 0 0.25rem; font-size: 1rem; color: var(--quiet); }
p { margin: 0 0 1rem; }

a { color: var(--accent); text-underline-offset: 0.15em; }

:focus-visible { outline: 3px solid var(--focus); outline-offset: 3px; }

.skip {
  position: absolute;
  inset-inline-start: 1rem;
  inset-block-start: -10rem;
  padding: 0.75rem 1rem;
  background: var(--ground);
}
.skip:focus { inset-block-start: 0.5rem; z-index: 1; }

.petition {
  margin: 0 0 1.5rem;
  padding: 1rem;
  background: var(--raised);
  border-inline-start: 0.25rem solid var(--accent);
}
.petition p { margin: 0; font-size: 1.25rem; font-weight: 600; line-height: 1.35; }

form { margin: 0 0 1.5rem; }
label { display: block; margin: 0 0 0.25rem; font-weight: 600; }
.hint { margin: 0 0 0.25rem; color: var(--quiet); }
form > .hint:first-child { margin-block-end: 1rem; }

input, textarea {
  display: block;
  inline-size: 100%;
  min-block-size: 3rem;
  margin: 0 0 1.25rem;
  padding: 0.5rem 0.75rem;
  border: 2px solid var(--line);
  border-radius: 0.25rem;
  background: var(--ground);
  color: var(--text);
  font: inherit;
}
textarea { resize: vertical; line-height: 1.45; }
[aria-invalid] { border-color: var(--alert); border-width: 3px; }
.flaw { margin: 0 0 0.25rem; color: var(--alert); font-weight: 600; }
.tick { display: grid; grid-template-columns: auto 1fr; gap: 0 0.75rem; align-items: start; margin: 0 0 1.25rem; }
.tick input { inline-size: 1.5rem; block-size: 1.5rem; min-block-size: 0; margin: 0.125rem 0 0; accent-color: var(--accent); }
.tick label { margin: 0; font-weight: 400; }
.tick .flaw { grid-column: 1 / -1; margin: 0.25rem 0 0; }
.words { white-space: pre-line; }
.said { padding-inline-start: 1rem; border-inline-start: 0.25rem solid var(--line); }
.done { padding: 0.75rem 1rem; border: 2px solid var(--accent); border-radius: 0.25rem; font-weight: 600; }
.buttons { display: flex; flex-wrap: wrap; gap: 0.75rem; }
dl { margin: 0 0 1rem; }
dt { color: var(--quiet); }
dd { margin: 0 0 0.5rem; font-weight: 600; }
progress { inline-size: 100%; block-size: 0.75rem; margin: 0 0 1rem; accent-color: var(--accent); }
h2.part { margin: 2rem 0 0.5rem; font-size: 1.375rem; line-height: 1.3; color: var(--text); }

input.code { max-inline-size: 12rem; font-variant-numeric: tabular-nums; letter-spacing: 0.2em; }

button, .button {
  display: inline-block;
  min-block-size: 3rem;
  min-inline-size: 3rem;
  padding: 0.625rem 1.25rem;
  border: 2px solid transparent;
  border-radius: 0.25rem;
  background: var(--accent);
  color: var(--on-accent);
  font: inherit;
  font-weight: 600;
  text-align: center;
  text-decoration: none;
  cursor: pointer;
  transition: filter 0.15s;
}
button.second { background: var(--ground); color: var(--accent); border-color: var(--accent); }
button.grave { background: var(--ground); color: var(--alert); border-color: var(--alert); }
button:hover, .button:hover { filter: brightness(0.9); text-decoration: underline; }

.problem { margin: 0 0 1.5rem; padding: 1rem; border: 3px solid var(--alert); border-radius: 0.25rem; }
.problem h2 { color: var(--alert); font-size: 1.125rem; }
.problem p, .problem ul { margin: 0; }
.problem ul { padding-inline-start: 1.25rem; }
.problem a { color: var(--alert); }

footer { border-block-start: 1px solid var(--line); color: var(--quiet); font-size: 1rem; }
footer ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; margin: 0; padding: 0; list-style: none; }
footer a { display: inline-block; padding-block: 0.625rem; }

@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after { transition: none; animation: none; scroll-behavior: auto; }
}

@media print {
  .skip, button { display: none; }
}

.mail-text {
  white-space: pre-wrap;
  overflow-wrap: anywhere;
}

.docs h2 { margin-block: 3rem 0.75rem; font-size: 1.5rem; color: var(--text); }
.docs h3 { margin: 2.5rem 0 0.5rem; font-size: 1.25rem; }
.docs h4 { margin: 1.5rem 0 0.5rem; font-size: 1rem; }
.docs article { border-block-start: 1px solid var(--line); }
.docs figure { margin: 0; }
.docs nav a { display: inline-block; padding-block: 0.25rem; }
.docs nav p { margin: 0; }
code { font-family: ui-monospace, monospace; font-size: 0.9em; }
pre {
  margin: 0 0 1rem;
  padding: 0.75rem;
  background: var(--raised);
  white-space: pre-wrap;
  overflow-wrap: anywhere;
}
.docs table { inline-size: 100%; margin: 0 0 1rem; table-layout: fixed; border-collapse: collapse; font-size: 1rem; }
.docs caption { text-align: start; color: var(--quiet); }
.docs th, .docs td {
  padding: 0.5rem 0.5rem 0.5rem 0;
  border-block-end: 1px solid var(--line);
  text-align: start;
  vertical-align: top;
}
.docs th { font-weight: 600; }
.docs th:first-child { inline-size: 38%; }
.docs td p { margin: 0; }
.quiet { display: block; color: var(--quiet); font-weight: 400; }
`;
