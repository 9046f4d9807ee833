import type { Database } from "../db/database.ts";
import { dropItems, insertJob, type NewJob } from "./outbox.store.ts";

/** The statement that puts a job of mail into the outbox, for the batch of its cause. Ring for it after the commit. */
export const enqueueMail = (db: Database, job: NewJob) => insertJob(db, job);

/** The statement that takes items out of a job that nobody has begun, because their mails are in an earlier job. */
export const dropMail = (db: Database, jobId: string, items: readonly string[]) => dropItems(db, jobId, items);
