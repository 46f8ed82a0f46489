namespace Tenet.Kernel.Postgres;

/// <summary>The text of the private cluster's two configuration files, written anew at each start.</summary>
internal static class PrivateClusterConfiguration
{
    /// <summary>Only the socket's folder leads to the server, and every role needs its password.</summary>
    public const string HostAccess = "local all all scram-sha-256\n";

    /// <summary>Settings for a small machine. Statements and parameters never reach the log: they hold people's words.</summary>
    public static string Settings(PrivateClusterFolder folder, bool durable) =>
        $"""
            # Written by Tenet at each start: changes here are lost.
            listen_addresses = ''
            port = {PrivateCluster.Port}
            unix_socket_directories = '{folder.Socket}'
            unix_socket_permissions = 0700
            hba_file = '{folder.HostAccess}'
            password_encryption = scram-sha-256

            shared_buffers = 128MB
            work_mem = 8MB
            maintenance_work_mem = 64MB
            effective_cache_size = 1GB
            random_page_cost = 1.1
            max_parallel_workers_per_gather = 0
            jit = off
            max_wal_size = 1GB
            wal_compression = on
            {Durability(durable)}

            timezone = 'UTC'
            log_timezone = 'UTC'
            datestyle = 'iso, ymd'
            default_text_search_config = 'pg_catalog.simple'
            lc_messages = 'C.UTF-8'

            log_line_prefix = '%m [%p] '
            log_checkpoints = off
            log_min_messages = warning
            log_min_error_statement = panic
            log_parameter_max_length = 0
            log_parameter_max_length_on_error = 0
            log_error_verbosity = terse

            """;

    // Tests, which give durability up, run many hosts on one server, each with its own pools.
    private static string Durability(bool durable) =>
        durable
            ? "fsync = on\nsynchronous_commit = on\nmax_connections = 100"
            : "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 500";
}
