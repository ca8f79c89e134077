/** The operator must act; the message says how. Nothing was changed. */
export class BackupRefused extends Error {
  override name = 'BackupRefused'
}

/** The file is cut, altered, or no backup at all. */
export class DamagedBackup extends BackupRefused {
  override name = 'DamagedBackup'
}
