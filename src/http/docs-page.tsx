import type { JSX } from "hono/jsx/jsx-runtime";
import { curlOf } from "./curl.ts";
import { Fields, Prose } from "./docs-fields.tsx";
import type { Method } from "./openapi.ts";
import type { OpenApiDocument, OperationObject, ResponseObject } from "./openapi-document.ts";
import { Page, type PageFrame } from "./page.tsx";

interface Described extends OperationObject {
  readonly method: Method;
  readonly path: string;
}

/** The API's description for people: everything that the document says, without a script. */
export function DocsPage({ frame, document }: { frame: PageFrame; document: OpenApiDocument }): JSX.Element {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Described => ({ ...operation, method: method as Method, path })),
  );
  const tagged = document.tags.map((tag) => ({
    ...tag,
    all: operations.filter(({ tags }) => tags.includes(tag.name)),
  }));
  return (
    <Page {...frame} title="API documentation">
      <div class="docs">
        <h1>API documentation</h1>
        <Prose text={document.info.description} />
        <p>
          The address is <code>{document.servers[0]?.url}</code>. For programs the same is an{" "}
          <a href="/openapi.json">OpenAPI 3.1 document</a>.
        </p>
        <nav aria-labelledby="contents">
          <h2 id="contents">Contents</h2>
          {tagged.map(({ name, all }) => (
            <>
              <p>
                <a href={`#${anchor(name)}`}>{name}</a>
              </p>
              <ul>
                {all.map(({ operationId, summary }) => (
                  <li>
                    <a href={`#${operationId}`}>{summary}</a>
                  </li>
                ))}
              </ul>
            </>
          ))}
          <p>
            <a href="#pages">Pages</a>
          </p>
          <p>
            <a href="#problems">Problems</a>
          </p>
        </nav>
        {tagged.map(({ name, description, all }) => (
          <section aria-labelledby={anchor(name)}>
            <h2 id={anchor(name)}>{name}</h2>
            <Prose text={description} />
            {all.map((operation) => (
              <Operation operation={operation} document={document} />
            ))}
          </section>
        ))}
        <Pages document={document} />
        <Problems document={document} />
      </div>
    </Page>
  );
}

const anchor = (name: string): string => name.toLowerCase().replaceAll(" ", "-");

function Operation({ operation, document }: { operation: Described; document: OpenApiDocument }) {
  const { operationId, method, path, parameters, requestBody, responses } = operation;
  const { schemas } = document.components;
  const body = requestBody?.content["application/json"];
  const parts = Object.entries(responses);
  return (
    <article aria-labelledby={operationId}>
      <h3 id={operationId}>{operation.summary}</h3>
      <p>
        <code class="route">{`${method.toUpperCase()} ${path}`}</code>
      </p>
      <Prose text={operation.description} />
      {operation.security.some((scheme) => "creator" in scheme) ? (
        <p>
          Needs the token of the petition's creator: <code>Authorization: Bearer …</code>
        </p>
      ) : null}
      {operation["x-role"] !== undefined ? (
        <p>
          Needs a staff key with the role <code>{operation["x-role"]}</code> or a higher one:{" "}
          <code>Authorization: Bearer fm_staff_…</code>
        </p>
      ) : null}
      {operation["x-scope"] === undefined ? null : (
        <p>
          {operation.security.length > 1 ? "Takes" : "Needs"} a partner's key
          {operation["x-scope"] === null ? null : (
            <>
              {" "}
              with the scope <code>{operation["x-scope"]}</code>
            </>
          )}
          : <code>Authorization: Bearer fm_partner_…</code>
        </p>
      )}
      {parameters.length > 0 ? (
        <>
          <h4>Parameters</h4>
          <Fields
            caption={`Parameters of “${operation.summary}”`}
            rows={parameters.map(({ name, in: place, required, description, schema }) => ({
              name,
              note: `${place}, ${required ? "required" : "optional"}`,
              schema: { ...schema, ...(description === undefined ? {} : { description }) },
            }))}
            schemas={schemas}
          />
        </>
      ) : null}
      {body ? (
        <>
          <h4>Body</h4>
          <Fields caption={`Body of “${operation.summary}”`} schema={body.schema} schemas={schemas} />
        </>
      ) : null}
      <h4>{operation["x-requests"].length > 1 ? "Examples" : "Example"}</h4>
      {operation["x-requests"].map((example) => (
        <figure>
          <figcaption>{example.summary}</figcaption>
          <pre>
            <code>{curlOf(document.servers[0]?.url ?? "", method, example)}</code>
          </pre>
        </figure>
      ))}
      {parts
        .filter(([status]) => status < "400")
        .map(([status, answer]) => (
          <Answer status={status} answer={answer} name={operation.summary} schemas={schemas} />
        ))}
      <h4>Problems</h4>
      <ul>{parts.filter(([status]) => status >= "400").map(([status, answer]) => problemLinks(status, answer))}</ul>
    </article>
  );
}

function Answer({
  status,
  answer,
  name,
  schemas,
}: {
  status: string;
  answer: ResponseObject;
  name: string;
  schemas: OpenApiDocument["components"]["schemas"];
}) {
  const content = answer.content?.["application/json"];
  const headers = Object.keys(answer.headers ?? {});
  return (
    <>
      <h4>{`Answer ${status}`}</h4>
      <Prose text={answer.description} />
      <p>
        Headers:{" "}
        {headers.map((header, index) => (
          <>
            {index > 0 ? ", " : ""}
            <code>{header}</code>
          </>
        ))}
      </p>
      {content ? (
        <>
          <Fields caption={`Answer ${status} of “${name}”`} schema={content.schema} schemas={schemas} />
          <pre>
            <code>{JSON.stringify(content.example, null, 2)}</code>
          </pre>
        </>
      ) : null}
    </>
  );
}

const problemLinks = (status: string, answer: ResponseObject) =>
  Object.keys(answer.content?.["application/problem+json"]?.examples ?? {}).map((code) => (
    <li>
      {`${status} `}
      <a href={`#problem-${code}`}>
        <code>{code}</code>
      </a>
    </li>
  ));

function Pages({ document }: { document: OpenApiDocument }) {
  return (
    <section aria-labelledby="pages">
      <h2 id="pages">Pages</h2>
      <p>These answer with a page or a stylesheet, for people. They may change without notice.</p>
      <ul>
        {document["x-pages"].map(({ method, path, description }) => (
          <li>
            <code>{`${method.toUpperCase()} ${path}`}</code>
            <Prose text={description} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Problems({ document }: { document: OpenApiDocument }) {
  const { examples, schemas, headers } = document.components;
  return (
    <section aria-labelledby="problems">
      <h2 id="problems">Problems</h2>
      <p>
        Decide by <code>code</code>. Titles and details are for people, and may be reworded.
      </p>
      <Fields caption="Every problem" schema={{ $ref: "#/components/schemas/Problem" }} schemas={schemas} />
      {Object.entries(examples).map(([code, { value }]) => {
        const { status, title, detail } = value as { status: number; title: string; detail: string };
        return (
          <article aria-labelledby={`problem-${code}`}>
            <h3 id={`problem-${code}`}>
              <code>{code}</code>
            </h3>
            <p>{`${status} ${title}.`}</p>
            <Prose text={detail} />
            <pre>
              <code>{JSON.stringify(value, null, 2)}</code>
            </pre>
          </article>
        );
      })}
      <h3 id="headers">Headers of answers</h3>
      <Fields
        caption="Headers of answers"
        rows={Object.entries(headers).map(([name, { description }]) => ({ name, note: "", schema: { description } }))}
        schemas={schemas}
      />
    </section>
  );
}
