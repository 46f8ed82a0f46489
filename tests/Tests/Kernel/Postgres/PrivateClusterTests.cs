using System.Diagnostics;
using Shouldly;
using Tenet.Kernel.Postgres;
using Xunit;

namespace Tenet.Tests.Kernel.Postgres;

public sealed class PrivateClusterTests : IDisposable
{
    private readonly DirectoryInfo _directory = TemporaryFolder();
    private PrivateClusterOptions Options => new(_directory.FullName) { Durable = false };

    [Fact]
    public async Task What_was_committed_is_there_after_a_stop_and_a_start()
    {
        await using (var first = await PrivateCluster.StartAsync(Options, CancellationToken.None))
        {
            await QueryAsync(first, "create table kept (word text)");
            await QueryAsync(first, "insert into kept values ('grüße')");
        }

        await using var second = await PrivateCluster.StartAsync(Options, CancellationToken.None);

        (await QueryAsync(second, "select upper(word) from kept")).ShouldBe("GRÜSSE".Replace("SS", "ß", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stopping_leaves_no_server_behind()
    {
        var cluster = await PrivateCluster.StartAsync(Options, CancellationToken.None);
        var data = Path.Combine(_directory.FullName, "postgres", "data");
        ServerProcess.AnyLeft(data).ShouldBeTrue();

        await cluster.DisposeAsync();

        ServerProcess.AnyLeft(data).ShouldBeFalse();
        await cluster.WaitForLossAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_killed_server_is_noticed_and_starts_again_with_its_data()
    {
        await using (var first = await PrivateCluster.StartAsync(Options, CancellationToken.None))
        {
            await QueryAsync(first, "create table kept (n int)");
            await QueryAsync(first, "checkpoint");
            Process.GetProcessById(Postmaster()).Kill();
            await first.WaitForLossAsync(CancellationToken.None);
            File.Exists(PidFile).ShouldBeTrue("a killed server leaves its pid file");
        }

        await using var second = await PrivateCluster.StartAsync(Options, CancellationToken.None);

        (await QueryAsync(second, "select count(*) from kept")).ShouldBe("0");
    }

    [Fact]
    public async Task A_pid_file_that_names_another_program_does_not_stop_the_start()
    {
        await (await PrivateCluster.StartAsync(Options, CancellationToken.None)).DisposeAsync();
        await File.WriteAllTextAsync(PidFile, $"{Environment.ProcessId}\n{_directory.FullName}\n1\n5432\n\n\n");

        await using var cluster = await PrivateCluster.StartAsync(Options, CancellationToken.None);

        (await QueryAsync(cluster, "select 1")).ShouldBe("1");
    }

    [Fact]
    public async Task A_server_that_outlived_its_host_is_taken_over()
    {
        var abandoned = await PrivateCluster.StartAsync(Options, CancellationToken.None);
        var postmaster = Postmaster();
        abandoned.ReleaseForTests();

        await using var successor = await PrivateCluster.StartAsync(Options, CancellationToken.None);

        Postmaster().ShouldBe(postmaster);
        successor.Owned.ShouldBeTrue();
    }

    [Fact]
    public async Task A_second_host_on_the_same_folder_is_refused_but_a_command_may_join()
    {
        await using var host = await PrivateCluster.StartAsync(Options, CancellationToken.None);

        var refused = await Should.ThrowAsync<PrivateClusterException>(() => PrivateCluster.StartAsync(Options, CancellationToken.None));
        refused.Message.ShouldContain("Another Tenet is running");

        await using (var command = await PrivateCluster.JoinAsync(Options, CancellationToken.None))
            command.Owned.ShouldBeFalse();
        (await QueryAsync(host, "select 1")).ShouldBe("1");
    }

    [Fact]
    public async Task A_path_too_long_for_a_socket_still_works()
    {
        var deep = _directory.CreateSubdirectory(new string('d', 100)).FullName;

        await using var cluster = await PrivateCluster.StartAsync(new(deep) { Durable = false }, CancellationToken.None);

        (await QueryAsync(cluster, "select 1")).ShouldBe("1");
        var target = await File.ReadAllTextAsync(Path.Combine(deep, "postgres", "socket.location"));
        await cluster.DisposeAsync();
        Directory.Delete(target.Trim(), recursive: true);
    }

    [Fact]
    public async Task The_server_listens_on_no_network_and_its_secrets_are_its_owners()
    {
        await using var cluster = await PrivateCluster.StartAsync(Options, CancellationToken.None);

        (await QueryAsync(cluster, "show listen_addresses")).ShouldBe("");
        var root = Path.Combine(_directory.FullName, "postgres");
        File.GetUnixFileMode(Path.Combine(root, "password")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        foreach (var closed in new[] { "data", "socket", "log" })
            File.GetUnixFileMode(Path.Combine(root, closed))
                .ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, closed);
    }

    [Fact]
    public async Task A_failing_statement_leaves_no_content_in_the_log()
    {
        await using var cluster = await PrivateCluster.StartAsync(Options, CancellationToken.None);
        await QueryAsync(cluster, "create table mail (address text unique); insert into mail values ('pia@example.org')");

        await QueryAsync(cluster, "insert into mail values ('pia@example.org')");
        await QueryAsync(cluster, "select cast('pia@example.org' as text) = any(array['x']) and missing_column");

        File.ReadAllText(cluster.LogFile).ShouldNotContain("pia@example.org");
    }

    private string PidFile => Path.Combine(_directory.FullName, "postgres", "data", "postmaster.pid");

    private int Postmaster() => int.Parse(File.ReadLines(PidFile).First(), System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<string> QueryAsync(PrivateCluster cluster, string sql)
    {
        var target = cluster
            .AdminConnectionString.Split(';')
            .Select(part => part.Split('=', 2))
            .ToDictionary(part => part[0], part => part[1], StringComparer.Ordinal);
        var connection = $"host={target["Host"]} user={target["Username"]} password={target["Password"]} dbname={target["Database"]}";
        var psql = Path.Combine(PostgresBinaries.Find().Folder, "psql");
        var (_, output) = await ServerAccount.ForCaller().RunAsync("/", psql, ["-XAtc", sql, connection], CancellationToken.None);
        return output;
    }

    // Not below the folder of the tests: root's home would be closed to the server's account.
    private static DirectoryInfo TemporaryFolder()
    {
        var folder = Directory.CreateTempSubdirectory("tenet-cluster-");
        File.SetUnixFileMode(folder.FullName, (UnixFileMode)0b111_101_101);
        return folder;
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
