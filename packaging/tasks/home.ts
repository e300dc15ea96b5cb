/** The project's home. The release job puts in the name of the repository. */
export const HOME = "https://github.com/OWNER/diskd";
