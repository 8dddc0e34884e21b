/** Imported before anything else, it lets the functions of this test file log everything. */
process.env.POWERTOOLS_LOG_LEVEL = 'DEBUG';
