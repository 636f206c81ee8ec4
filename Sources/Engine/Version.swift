/// The version of the router's program, as `status` and `--version` say it.
package let programVersion = "0.1.0"
