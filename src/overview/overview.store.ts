import { sql } from "drizzle-orm";
import { type Condition, type Database, rowsOf } from "../db/database.ts";
import { petitionNoOf } from "../db/petition-of-item.ts";
import { SWITCHES_SETTING } from "../limits/switches.ts";
import { STUCK_AFTER } from "../privacy/retention/retention.ts";

/** For whom a section is read, and how much of it. */
export interface SectionQuery {
  /** The one department whose petitions they see; null: all. */
  readonly department: string | null;
  /** Rows at most. */
  readonly limit: number;
  /** What is owed since this moment or before is overdue. */
  readonly overdueSince: number;
}

/** One thing that needs attention. */
export interface Waiting {
  /** The petition's UUID, if it is about one. */
  readonly petition: string | null;
  readonly title: string | null;
  /** What about it, such as a threshold's name or an error's code. */
  readonly code: string | null;
  /** Since when it waits, milliseconds since 1970. */
  readonly since: number;
  /** How many of its kind the row stands for. */
  readonly count: number;
}

// The order of the joins and the indexes are said, not left to the planner: it may prefer to read every petition.

// Rows that are looked through at most for those that somebody sees: where there are more, their share may be larger.
const LOOKED_THROUGH = 1_000;

const NOW = sql`CAST(unixepoch('subsec') * 1000 AS INTEGER)`;
const DAY_MS = 86_400_000;

const seen = ({ department }: SectionQuery): Condition =>
  department === null ? sql`1` : sql`petitions.department_code = ${department}`;

/** Petitions that wait for staff. Those that are approved and open at a set time do not. */
export const waitingPetitions = (db: Database, query: SectionQuery) =>
  rowsOf<Waiting>(
    db,
    sql`SELECT id AS petition, title, NULL AS code, coalesce(waiting_since, created_at) AS since, 1 AS count
    FROM petitions INDEXED BY ${query.department === null ? sql`petitions_waiting` : sql`petitions_waiting_in`}
    WHERE state = 'moderation' AND approved_at IS NULL AND ${seen(query)}
    ORDER BY waiting_since LIMIT ${query.limit}`,
  );

/** Switches that are on: they concern every department. */
export const switchesOn = (db: Database, query: SectionQuery) =>
  rowsOf<Waiting>(
    db,
    sql`SELECT NULL AS petition, NULL AS title, each.key AS code, each.value AS since, 1 AS count
    FROM settings CROSS JOIN json_each(settings.value) AS each
    WHERE settings.name = ${SWITCHES_SETTING} AND each.value IS NOT NULL ORDER BY each.value, each.key LIMIT ${query.limit}`,
  );

/** Thresholds that petitions have reached and that nobody has acted on, while there is time left for it. */
export const unansweredThresholds = (db: Database, query: SectionQuery) =>
  owedThresholds(db, query, sql`reached_at > ${query.overdueSince}`);

/** Those for which there is none left. */
export const overdueThresholds = (db: Database, query: SectionQuery) =>
  owedThresholds(db, query, sql`reached_at <= ${query.overdueSince}`);

const owedThresholds = (db: Database, query: SectionQuery, since: Condition) =>
  rowsOf<Waiting>(
    db,
    sql`SELECT petitions.id AS petition, title, name AS code, reached_at AS since, 1 AS count
    FROM (SELECT petition_no, name, reached_at FROM thresholds
      WHERE reached_at IS NOT NULL AND acted_at IS NULL AND ${since} ORDER BY reached_at LIMIT ${LOOKED_THROUGH})
    CROSS JOIN petitions ON no = petition_no
    WHERE (state = 'open' OR state = 'closed' OR state = 'stopped') AND ${seen(query)}
    ORDER BY reached_at LIMIT ${query.limit}`,
  );

/** Held signatures that nobody has decided on, by petition and reason; `since`: without a break. */
export const heldSignatures = (db: Database, query: SectionQuery) =>
  rowsOf<Waiting>(
    db,
    sql`SELECT petitions.id AS petition, title, waiting.hold AS code, since, pending + verified AS count
    FROM (SELECT petition_no, hold, since FROM holds_waiting INDEXED BY holds_waiting_since
      ORDER BY since LIMIT ${LOOKED_THROUGH}) AS waiting
    CROSS JOIN hold_tallies ON hold_tallies.petition_no = waiting.petition_no AND hold_tallies.hold = waiting.hold
    CROSS JOIN petitions ON no = waiting.petition_no
    WHERE ${seen(query)} ORDER BY since LIMIT ${query.limit}`,
  );

/** Mails that could not be delivered. */
export const parkedMails = (db: Database, query: SectionQuery) =>
  rowsOf<Waiting>(
    db,
    sql`SELECT petitions.id AS petition, title, error AS code, parked.created_at AS since, 1 AS count
    FROM (SELECT items ->> 0 AS item, error, created_at FROM outbox
      WHERE state = 'parked' ORDER BY created_at LIMIT ${LOOKED_THROUGH}) AS parked
    ${query.department === null ? sql`LEFT` : sql`CROSS`} JOIN petitions ON no = ${petitionNoOf(sql`item`)}
    WHERE ${seen(query)} ORDER BY parked.created_at LIMIT ${query.limit}`,
  );

/** Mailings to signers that are parked, or that have not reached somebody and were made in the last seven days. */
export const mailingsInTrouble = (db: Database, query: SectionQuery) =>
  rowsOf<Waiting>(
    db,
    sql`SELECT petitions.id AS petition, title, iif(mailing.state = 'parked', error, 'failed') AS code, since, 1 AS count
    FROM (SELECT petition_no, state, error, created_at AS since FROM mailings INDEXED BY mailings_in_trouble
      WHERE (state = 'parked' OR failed > 0) AND (state = 'parked' OR created_at > (unixepoch() - 7 * 86400) * 1000)
      ORDER BY created_at DESC LIMIT ${LOOKED_THROUGH}) AS mailing
    CROSS JOIN petitions ON no = mailing.petition_no WHERE ${seen(query)} ORDER BY since LIMIT ${query.limit}`,
  );

/** Alarms that nobody has acknowledged, open or over. */
export const unacknowledgedAlarms = (db: Database, query: SectionQuery) =>
  rowsOf<Waiting>(
    db,
    sql`SELECT petitions.id AS petition, title, kind AS code, raised_at AS since, 1 AS count
    FROM (SELECT petition_no, kind, raised_at FROM alarms INDEXED BY alarms_unacknowledged
      WHERE acknowledged_at IS NULL ORDER BY raised_at LIMIT ${LOOKED_THROUGH})
    CROSS JOIN petitions ON no = petition_no WHERE ${seen(query)} ORDER BY raised_at LIMIT ${query.limit}`,
  );

/** Counts that were found to be wrong in the last seven days, by the ids of the findings, which are times. */
export const wrongCounts = (db: Database, query: SectionQuery) =>
  rowsOf<Waiting>(
    db,
    sql`SELECT petitions.id AS petition, title, outcome AS code, found_at AS since, 1 AS count
    FROM (SELECT petition_no, outcome, found_at FROM tally_differences
      WHERE id > (SELECT substr(hex, 1, 8) || '-' || substr(hex, 9) FROM
        (SELECT printf('%012x', (unixepoch() - 7 * 86400) * 1000) AS hex)) ORDER BY id LIMIT ${LOOKED_THROUGH})
    CROSS JOIN petitions ON no = petition_no WHERE ${seen(query)} ORDER BY found_at LIMIT ${query.limit}`,
  );

/** Partners' webhooks that are told nothing any more, because they no longer work; `code` is the partner's name. */
export const disabledWebhooks = (db: Database, { limit }: SectionQuery) =>
  rowsOf<Waiting>(
    db,
    sql`SELECT NULL AS petition, NULL AS title, partners.name AS code, disabled_at AS since, 1 AS count
    FROM (SELECT partner, disabled_at FROM webhook_endpoints INDEXED BY webhook_endpoints_disabled
      WHERE disabled_at IS NOT NULL AND deleted_at IS NULL ORDER BY disabled_at LIMIT ${LOOKED_THROUGH})
    CROSS JOIN partners ON partners.code = partner WHERE suspended_at IS NULL
    ORDER BY disabled_at LIMIT ${limit}`,
  );

/**
 * Partners' keys that end within two weeks and that no later key of the same label replaces, but for test keys; `code` is
 * the partner's name, `since` the moment two weeks before the end.
 */
export const endingPartnerKeys = (db: Database, { limit }: SectionQuery) =>
  rowsOf<Waiting>(
    db,
    sql`SELECT NULL AS petition, NULL AS title, partners.name AS code, expires_at - ${14 * DAY_MS} AS since, 1 AS count
    FROM (SELECT partner_id, label, expires_at FROM partner_keys INDEXED BY partner_keys_ending
      WHERE expires_at > ${NOW} AND expires_at <= ${NOW} + ${14 * DAY_MS} AND test = 0
      ORDER BY expires_at LIMIT ${LOOKED_THROUGH}) AS ending
    CROSS JOIN partners ON partners.id = partner_id
    WHERE suspended_at IS NULL AND NOT EXISTS (SELECT 1 FROM partner_keys AS later INDEXED BY partner_keys_of
      WHERE later.partner_id = ending.partner_id AND later.label = ending.label AND later.test = 0
        AND coalesce(later.expires_at, 9e15) > ending.expires_at)
    ORDER BY expires_at LIMIT ${limit}`,
  );

/** Messages that no consumer could handle. */
export const deadLetters = (db: Database, { limit }: SectionQuery) =>
  rowsOf<Waiting>(
    db,
    sql`SELECT NULL AS petition, NULL AS title, queue AS code, arrived_at AS since, 1 AS count
    FROM dead_letters ORDER BY arrived_at LIMIT ${limit}`,
  );

/** Petitions whose addresses, unverified signatures or whole personal data should be gone, and tries have failed. */
export const failingErasures = (db: Database, query: SectionQuery) =>
  rowsOf<Waiting>(
    db,
    sql`SELECT petitions.id AS petition, title, error AS code, failed_at AS since, 1 AS count
    FROM (SELECT petition_no, error, failed_at, failures FROM retention INDEXED BY retention_failing
      WHERE failed_at IS NOT NULL ORDER BY failed_at LIMIT ${LOOKED_THROUGH})
    CROSS JOIN petitions ON no = petition_no
    WHERE failures >= ${STUCK_AFTER} AND ${seen(query)} ORDER BY failed_at LIMIT ${query.limit}`,
  );

/** Petitions whose data is held for legal reasons; `code`: the moment until which, as ISO 8601 in UTC. */
export const heldData = (db: Database, query: SectionQuery) =>
  rowsOf<Waiting>(
    db,
    sql`SELECT petitions.id AS petition, title, strftime('%Y-%m-%dT%H:%M:%SZ', until / 1000, 'unixepoch') AS code,
      held_at AS since, 1 AS count
    FROM retention_holds CROSS JOIN petitions ON no = petition_no
    WHERE until > ${NOW} AND ${seen(query)} ORDER BY until LIMIT ${query.limit}`,
  );

/** Petitions that are being erased, or will be within two weeks; `code`: the moment at which, `since`: when it ended. */
export const comingErasures = (db: Database, query: SectionQuery) =>
  rowsOf<Waiting>(
    db,
    sql`SELECT petitions.id AS petition, title, strftime('%Y-%m-%dT%H:%M:%SZ', at / 1000, 'unixepoch') AS code,
      over_since AS since, 1 AS count
    FROM (SELECT * FROM (SELECT petition_no, over_since, erasing_since AS at FROM retention INDEXED BY retention_erasing
        WHERE erasing_since IS NOT NULL AND erased_at IS NULL ORDER BY erasing_since LIMIT ${LOOKED_THROUGH})
      UNION ALL
      SELECT * FROM (SELECT petition_no, over_since, erase_at AS at FROM retention INDEXED BY retention_due
        WHERE erase_at IS NOT NULL AND erasing_since IS NULL AND erase_at < ${NOW} + ${14 * DAY_MS}
          AND NOT EXISTS (SELECT 1 FROM retention_holds AS held WHERE held.petition_no = retention.petition_no AND held.until > ${NOW})
        ORDER BY erase_at LIMIT ${LOOKED_THROUGH}))
    CROSS JOIN petitions ON no = petition_no WHERE ${seen(query)} ORDER BY at LIMIT ${query.limit}`,
  );

/** Petitions whose personal data was erased in the last seven days; `count`: of how many signatures. */
export const recentErasures = (db: Database, query: SectionQuery) =>
  rowsOf<Waiting>(
    db,
    sql`SELECT petitions.id AS petition, title, NULL AS code, erased_at AS since, erased AS count
    FROM (SELECT petition_no, erased, erased_at FROM retention INDEXED BY retention_erased
      WHERE erased_at > ${NOW} - ${7 * DAY_MS} ORDER BY erased_at LIMIT ${LOOKED_THROUGH})
    CROSS JOIN petitions ON no = petition_no WHERE ${seen(query)} ORDER BY erased_at LIMIT ${query.limit}`,
  );
