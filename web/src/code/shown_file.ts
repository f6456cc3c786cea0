// Which file a page shows: that of the person whom it follows, or one that its reader has chosen. Pure.

import type { Sharer, SharedFile } from "./messages.js";

export class ShownFile {
  sharers: Sharer[] = [];
  files: SharedFile[] = [];
  isFollowing = true;
  private followed: number | null = null;
  private chosen: number | null = null;

  list(sharers: Sharer[], files: SharedFile[]): void {
    this.sharers = sharers;
    this.files = files;
  }

  /** The person whom the page follows, or would follow again. */
  get person(): Sharer | null {
    return this.sharers.find((each) => each.id === this.followed) ?? this.sharers[0] ?? null;
  }

  /** The person is in a file that is not shared, and the page follows them. */
  get isWithheld(): boolean {
    return this.isFollowing && this.person?.isWithheld === true;
  }

  get file(): SharedFile | null {
    if (this.isWithheld) return null;
    const person = this.person;
    if (this.isFollowing && person !== null && person.active !== null) return this.find(person.active);
    const own = this.files.find((each) => each.sharer === person?.id);
    return this.find(this.chosen) ?? own ?? this.files[0] ?? null;
  }

  /** The person whose file it is. */
  get sharer(): Sharer | null {
    const file = this.file;
    return file === null ? this.person : (this.sharers.find((each) => each.id === file.sharer) ?? null);
  }

  choose(file: number): void {
    this.chosen = file;
    this.isFollowing = false;
  }

  /** Stay where the reader is. */
  stay(): void {
    this.chosen = this.file?.id ?? this.chosen;
    this.isFollowing = false;
  }

  follow(person: number | null): void {
    this.followed = person ?? this.person?.id ?? null;
    this.isFollowing = true;
  }

  private find(file: number | null): SharedFile | null {
    return this.files.find((each) => each.id === file) ?? null;
  }
}
