"""Files and folders that appear whole or not at all, locks on folders, lists of JSON lines, hashes of files."""
