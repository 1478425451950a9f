/*
 * The C interface of libmaildiag: options and requests in JSON, reports as JSON. maildiag(3) has a
 * whole example. C11 and later, and whatever can call C.
 *
 * Threads: one session serves one call at a time (a second call fails with
 * MAILDIAG_USAGE); sessions share nothing, so use one a thread. maildiag_cancel() is the exception:
 * any thread and any signal handler may call it.
 *
 * Ownership: arguments are borrowed for the time of the call. A `char *` that a function hands out
 * belongs to the caller, who gives it back with maildiag_string_free(). What a callback gets
 * belongs to the library and ends with the callback.
 *
 * Texts are UTF-8. A report is one line of ASCII, without a line end; its shape is that of
 * `maildiag --format json`. No C++ exception leaves the library, and none may leave a callback.
 */
#ifndef MAILDIAG_MAILDIAG_H
#define MAILDIAG_MAILDIAG_H

#include <maildiag/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What a call returns, with the numbers of the program's exit status. The first four are the worst
 * that the reports say, the others the first thing that could not be done.
 */
enum {
  MAILDIAG_OK = 0,
  MAILDIAG_WARNING = 1,
  MAILDIAG_CRITICAL = 2,
  MAILDIAG_UNKNOWN = 3, /* it could not be decided, or the call was cancelled before worse */
  MAILDIAG_USAGE = 64,  /* the request, an option or a target is malformed */
  MAILDIAG_BAD_DATA = 65,
  MAILDIAG_NO_INPUT = 66,
  MAILDIAG_INTERNAL = 70, /* a fault of the library, or no memory */
  MAILDIAG_CANNOT_WRITE = 73,
  MAILDIAG_LOCKED = 75,
  MAILDIAG_CONFIGURATION = 78
};

typedef struct maildiag_session maildiag_session;

/* One report, as JSON unless the request says otherwise. Return 0 to go on, anything else to stop:
 * the call returns then. */
typedef int (*maildiag_report_fn)(const char* report, void* data);

/*
 * How far a call has come. Counted are targets; octets of the input for "explain", questions for
 * "rblcheck", servers for "smtpcheck", single checks for "watch". `total` is 0 if it is not known.
 */
typedef void (*maildiag_progress_fn)(unsigned long long done, unsigned long long total, void* data);

/* "0.1.0"; lives as long as the library. */
MAILDIAG_EXPORT const char* maildiag_version(void);

/*
 * `options`: an object with the members of maildiag::SessionOptions, for instance
 * {"language": "ko", "nameservers": ["127.0.0.1#53"], "timeout": 3}; NULL for none. List keys are
 * an object: {"list_keys": {"spamhaus-dqs": "..."}}. No file of the configuration is read.
 *
 * Returns a session for maildiag_close(), or NULL; then `*error` is a line of text that says why,
 * for maildiag_string_free(), or NULL where there is no memory for it. `error` may be NULL.
 */
MAILDIAG_EXPORT maildiag_session* maildiag_open(const char* options, char** error);

/* Waits for nothing. REQUIRES: no call is under way. NULL is nothing to do. */
MAILDIAG_EXPORT void maildiag_close(maildiag_session* session);

/*
 * Runs a command of the program, named as there: "mxcheck", "report", "ptrcheck", "spfcheck",
 * "dkimcheck", "dmarccheck", "bimicheck", "tlscheck", "rblcheck", "smtpcheck", "explain",
 * "summary merge", "lookup", "whois", "whois refresh", "reputation", "watch", "watch history",
 * "watch prune", "rules list", "rules show", "rules test", "rules lint", "findings".
 *
 * `request`: an object; NULL for an empty one. "targets" is an array of what the command looks at;
 * the other members are those of the command's options in the C++ headers:
 * {"targets": ["203.0.113.25"], "helo": "mail.example.com"} for ptrcheck,
 * {"targets": ["example.com"], "type": "mx"} for lookup. "format": "text" or "html" hands out the
 * reports in that form, in the session's language; "width" is that of the text. A member that is
 * not known is an error, and so is a request that gives a command nothing to look at.
 *
 * `sink` is called on this thread with each report, in the order of the targets, and gets `data`.
 * NULL: the reports are thrown away. It must not call a function of this session but
 * maildiag_cancel().
 *
 * `*errors` becomes what could not be done, one line for each fault, or NULL where there is none.
 * `errors` may be NULL.
 */
MAILDIAG_EXPORT int maildiag_run(maildiag_session* session, const char* command,
                                 const char* request, maildiag_report_fn sink, void* data,
                                 char** errors);

/*
 * The same without a callback: `*reports` becomes all reports, each with a line end ("" for none;
 * NULL only where there is no memory for them). `reports` may be NULL. For sweeps of whole networks
 * use maildiag_run(), which keeps nothing.
 */
MAILDIAG_EXPORT int maildiag_collect(maildiag_session* session, const char* command,
                                     const char* request, char** reports, char** errors);

/*
 * maildiag_collect() of "explain": why mails were rejected, and whether that still holds.
 * {"replies": ["550 5.7.25 ..."], "ip": "203.0.113.25"}, {"paths": ["bounce.eml"]}.
 */
MAILDIAG_EXPORT int maildiag_explain(maildiag_session* session, const char* request, char** reports,
                                     char** errors);

/*
 * Ends the call that is under way and every later one, until maildiag_reset(): the call hands over
 * what is complete and returns within a tenth of a second; see <maildiag/cancellation.h>. REQUIRES:
 * the session is not closed at the same time. NULL is nothing to do.
 */
MAILDIAG_EXPORT void maildiag_cancel(maildiag_session* session);

/*
 * From now on `progress` is called on the thread of each call of this session, and gets `data`: now
 * and then while input is read, several times a second while answers are waited for. It must not
 * call a function of this session but maildiag_cancel(). NULL for `progress`: nobody is told any
 * more. REQUIRES: no call is under way. NULL for the session is nothing to do.
 */
MAILDIAG_EXPORT void maildiag_set_progress(maildiag_session* session, maildiag_progress_fn progress,
                                           void* data);

/* Makes calls possible again. REQUIRES: no call is under way. NULL is nothing to do. */
MAILDIAG_EXPORT void maildiag_reset(maildiag_session* session);

/* NULL is nothing to do. */
MAILDIAG_EXPORT void maildiag_string_free(char* text);

#ifdef __cplusplus
}
#endif

#endif
