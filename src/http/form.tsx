import type { PropsWithChildren } from "hono/jsx";
import type { JSX } from "hono/jsx/jsx-runtime";
import { textDirection } from "../i18n/catalogue.ts";

/** What every field of a form has. */
interface FieldProps {
  /** Also the element's id. */
  readonly name: string;
  readonly label: string;
  readonly required?: boolean;
  /** What is wrong with what was typed. */
  readonly flaw?: string | undefined;
}

/** A field to type into, with a hint, filled in with what was typed before. `lines` from 2 on: a field of several lines. */
export function Field({
  name,
  label,
  hint,
  required = false,
  flaw,
  value,
  type = "text",
  autocomplete,
  maxlength,
  lines = 1,
}: FieldProps & {
  hint: string;
  value?: string | undefined;
  type?: "text" | "email";
  autocomplete?: string;
  maxlength: number;
  lines?: number;
}): JSX.Element {
  const shared = {
    id: name,
    name,
    required,
    maxlength,
    "aria-describedby": flaw === undefined ? `${name}-hint` : `${name}-flaw ${name}-hint`,
    "aria-invalid": flaw === undefined ? undefined : ("true" as const),
  };
  return (
    <>
      <label for={name}>{label}</label>
      <p class="hint" id={`${name}-hint`}>
        {hint}
      </p>
      <Flaw name={name} text={flaw} />
      {lines > 1 ? (
        <textarea {...shared} rows={lines} dir="auto">
          {value}
        </textarea>
      ) : (
        <input
          {...shared}
          type={type}
          value={value}
          autocomplete={autocomplete}
          dir={type === "email" ? "ltr" : "auto"}
        />
      )}
    </>
  );
}

/** A box to tick. */
export function Tick({ name, label, required = false, flaw, ticked }: FieldProps & { ticked: boolean }): JSX.Element {
  return (
    <div class="tick">
      <input
        {...{ id: name, name, type: "checkbox", value: "yes", required, checked: ticked }}
        aria-describedby={flaw === undefined ? undefined : `${name}-flaw`}
        aria-invalid={flaw === undefined ? undefined : "true"}
      />
      <label for={name}>{label}</label>
      <Flaw name={name} text={flaw} />
    </div>
  );
}

/** What is wrong with a form, above it, with a link to each field. */
export function Flaws({
  title,
  flaws,
}: {
  title: string;
  flaws: readonly { name?: string | undefined; text: string }[];
}): JSX.Element | null {
  if (flaws.length === 0) return null;
  return (
    <div class="problem" role="alert">
      <h2>{title}</h2>
      <ul>
        {flaws.map(({ name, text }) => (
          <li>{name === undefined ? text : <a href={`#${name}`}>{text}</a>}</li>
        ))}
      </ul>
    </div>
  );
}

/** Words of somebody in their own language, with their line breaks, set apart from the page's. */
export function Words({ locale, children }: PropsWithChildren<{ locale: string }>): JSX.Element {
  return (
    <p class="words" lang={locale} dir={textDirection(locale)}>
      {children}
    </p>
  );
}

function Flaw({ name, text }: { name: string; text: string | undefined }): JSX.Element | null {
  if (text === undefined) return null;
  return (
    <p class="flaw" id={`${name}-flaw`}>
      {text}
    </p>
  );
}
