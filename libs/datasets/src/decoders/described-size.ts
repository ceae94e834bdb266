/** What a header says beside the format. */
export interface DescribedSize {
  readonly width: number;
  readonly height: number;
  /** EXIF's: 1 upright, 2 to 8 mirrored or turned. */
  readonly orientation: number;
}
