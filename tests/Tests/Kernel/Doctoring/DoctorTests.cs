using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Shouldly;
using Tenet.Commands;
using Tenet.Kernel.Doctoring;
using Tenet.Kernel.Http;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Vault;
using Tenet.Tests.Kernel.Mail;
using Tenet.Tests.Support;
using Xunit;

namespace Tenet.Tests.Kernel.Doctoring;

/// <summary>Each check sees what it is there for: the installation is broken on purpose, one way at a time.</summary>
public sealed class DoctorTests(TestCluster cluster) : IAsyncLifetime
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tenet-doctor-");
    private string _database = "";

    public async ValueTask InitializeAsync() => _database = await cluster.CreateDatabaseAsync();

    [Fact]
    public async Task A_sound_installation_is_green_where_it_matters()
    {
        var findings = await ExamineAsync();
        foreach (
            var check in new[]
            {
                "postgres.connection",
                "postgres.version",
                "postgres.writable",
                "postgres.encoding",
                "postgres.log",
                "postgres.max_connections",
                "roles.tenet_app",
                "roles.tenet_system",
                "roles.sign_in",
                "isolation.tables",
                "clock.skew",
                "schema.version",
                "keys.master",
                "disk.writable",
            }
        )
        {
            findings.ShouldContain(finding => finding.Check == check && finding.Verdict == Verdict.Green, check);
        }
        // The tests' server gives up durability, which the doctor must notice.
        findings.ShouldContain(finding => finding.Check == "postgres.fsync" && finding.Verdict == Verdict.Red);
        findings.ShouldAllBe(finding => finding.Verdict == Verdict.Green || finding.NextStep != null);
    }

    [Fact]
    public async Task A_database_that_does_not_answer_is_red()
    {
        var gone = new NpgsqlConnectionStringBuilder(_database) { Host = "127.0.0.1", Port = 1 }.ConnectionString;
        await RedAsync("postgres.connection", Options() with { ConnectionString = gone });
        var missing = new NpgsqlConnectionStringBuilder(_database) { Database = "no_such_database" }.ConnectionString;
        await RedAsync("postgres.connection", Options() with { ConnectionString = missing });
        var wrong = new NpgsqlConnectionStringBuilder(_database) { Password = "wrong" }.ConnectionString;
        await RedAsync("postgres.connection", Options() with { ConnectionString = wrong });
    }

    [Theory]
    [InlineData("alter table inbox.message disable row level security", "isolation.tables")]
    [InlineData("alter table inbox.message no force row level security", "isolation.tables")]
    [InlineData("alter table inbox.message owner to tenet_app", "roles.tenet_app")]
    [InlineData("update public.tenet_schema set checksum = 'another' where number = 2", "schema.version")]
    [InlineData("update public.tenet_schema set applied_at = null where number = 3", "schema.version")]
    [InlineData("insert into public.tenet_schema values (999, '0999_future', 'x', now(), now())", "schema.version")]
    public async Task What_was_changed_behind_its_back_is_red(string sabotage, string check)
    {
        await RunAsync(sabotage);
        await RedAsync(check, Options());
    }

    [Fact]
    public async Task An_empty_database_is_told_to_migrate()
    {
        var findings = await ExamineAsync(Options() with { ConnectionString = await cluster.CreateEmptyDatabaseAsync() });
        findings.ShouldContain(finding => finding.Check == "schema.version" && finding.NextStep == "Run: tenet migrate");
    }

    [Fact]
    public async Task Nothing_is_changed_by_looking()
    {
        var empty = await cluster.CreateEmptyDatabaseAsync();
        var options = Options() with
        {
            ConnectionString = empty,
            MasterKey = new MasterKeyOptions(Path.Combine(_folder.FullName, "keys", "master.key")),
        };
        await ExamineAsync(options);
        File.Exists(options.MasterKey.File).ShouldBeFalse();
        _folder.GetFileSystemInfos().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_master_key_that_is_missing_open_to_others_or_another_one_is_red()
    {
        var file = Path.Combine(_folder.FullName, "master.key");
        await RedAsync("keys.master", Options() with { MasterKey = new MasterKeyOptions(file) });
        File.WriteAllText(file, new string('a', 64));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        (await RedAsync("keys.master", Options() with { MasterKey = new MasterKeyOptions(file) })).Says.ShouldContain("chmod 600");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await RedAsync("keys.installation", Options() with { MasterKey = new MasterKeyOptions(file) });
    }

    [Fact]
    public async Task Mail_is_tried_up_to_STARTTLS()
    {
        await using var relay = new FakeRelay();
        (await LookAsync(new MailOptions())).Verdict.ShouldBe(Verdict.Yellow);
        (await LookAsync(new MailOptions { Host = "127.0.0.1", Port = 1 })).Verdict.ShouldBe(Verdict.Red);
        (await LookAsync(new MailOptions { Host = "127.0.0.1", Port = relay.Port })).Says.ShouldContain("STARTTLS");
        var plain = await LookAsync(
            new MailOptions
            {
                Host = "127.0.0.1",
                Port = relay.Port,
                StartTls = false,
            }
        );
        plain.Verdict.ShouldBe(Verdict.Yellow);
        relay.Received.ShouldBeEmpty();

        Task<Finding> LookAsync(MailOptions options) => MailCheck.LookAsync(options, _ct);
    }

    [Theory]
    [InlineData("fsync", "off")]
    [InlineData("full_page_writes", "off")]
    [InlineData("synchronous_commit", "off")]
    [InlineData("max_connections", "20")]
    [InlineData("server_version_num", "140011")]
    [InlineData("default_transaction_read_only", "on")]
    [InlineData("in_hot_standby", "on")]
    [InlineData("server_encoding", "SQL_ASCII")]
    public void A_setting_of_PostgreSQL_that_loses_data_or_stops_work_is_red(string name, string value)
    {
        SettingChecks.Judge(Sound, 55).ShouldAllBe(finding => finding.Verdict == Verdict.Green);
        var findings = SettingChecks.Judge(setting => setting == name ? value : Sound(setting), 55);
        findings.Where(finding => finding.Verdict == Verdict.Red).ShouldHaveSingleItem().NextStep.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("data_checksums", "off")]
    [InlineData("log_error_verbosity", "default")]
    [InlineData("log_parameter_max_length_on_error", "-1")]
    public void A_setting_of_PostgreSQL_that_risks_something_is_yellow(string name, string value) =>
        SettingChecks
            .Judge(setting => setting == name ? value : Sound(setting), 55)
            .Where(finding => finding.Verdict != Verdict.Green)
            .ShouldHaveSingleItem()
            .Verdict.ShouldBe(Verdict.Yellow);

    [Theory]
    [InlineData(1, Verdict.Green)]
    [InlineData(-8, Verdict.Yellow)]
    [InlineData(90, Verdict.Red)]
    public void Clocks_that_differ_are_told(int seconds, Verdict health) =>
        DatabaseChecks.Clock(TimeSpan.FromSeconds(seconds)).Verdict.ShouldBe(health);

    [Theory]
    [InlineData(100_000_000L, Verdict.Red)]
    [InlineData(2_000_000_000L, Verdict.Yellow)]
    [InlineData(90_000_000_000L, Verdict.Green)]
    public void Room_on_the_disk_is_told(long free, Verdict health) => DiskChecks.Room(free).Verdict.ShouldBe(health);

    [Theory]
    [InlineData(-400, -1, Verdict.Red)]
    [InlineData(-10, 10, Verdict.Yellow)]
    [InlineData(1, 90, Verdict.Red)]
    [InlineData(-10, 90, Verdict.Green)]
    public void A_certificate_is_told_by_its_days(int from, int until, Verdict health)
    {
        using var key = ECDsa.Create();
        var request = new CertificateRequest("CN=chat.example.com", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(from), DateTimeOffset.UtcNow.AddDays(until));
        var file = Path.Combine(_folder.FullName, "host.pem");
        File.WriteAllText(file, certificate.ExportCertificatePem());

        AddressChecks.Certificate(file, DateTimeOffset.UtcNow).Verdict.ShouldBe(health);
        AddressChecks.Certificate(file + ".gone", DateTimeOffset.UtcNow).Verdict.ShouldBe(Verdict.Red);
    }

    [Fact]
    public async Task A_public_address_in_clear_is_red_and_one_where_nobody_answers_is_yellow()
    {
        (await RedAsync("address.public", Options() with { PublicUrl = "http://chat.example.com" })).Says.ShouldContain("https");
        var findings = await ExamineAsync(Options() with { PublicUrl = "http://127.0.0.1:1" });
        findings.ShouldContain(finding => finding.Check == "address.public" && finding.Verdict == Verdict.Yellow);
        findings = await ExamineAsync(Options() with { PublicUrl = cluster.Host.Address.AbsoluteUri });
        findings.ShouldContain(finding => finding.Check == "address.public" && finding.Verdict == Verdict.Green);
    }

    [Fact]
    public async Task A_host_that_cannot_be_reached_is_red_with_what_to_do()
    {
        await using var site = await LoopbackSite.StartAsync(_ => { });
        using var strict = new Egress(new EgressOptions(), TimeProvider.System);
        using var egress = new Egress(new EgressOptions { Loopback = [site.Address.Authority] }, TimeProvider.System);

        (await OutsideChecks.ReachAsync(egress, "models", site.Address, _ct)).Verdict.ShouldBe(Verdict.Green);
        var refused = await OutsideChecks.ReachAsync(strict, "models", site.Address, _ct);
        (refused.Verdict, refused.NextStep!.Contains("Egress__Loopback__0=" + site.Address.Authority)).ShouldBe((Verdict.Red, true));
    }

    [Fact]
    public void The_findings_are_printed_with_their_next_steps()
    {
        using var text = new StringWriter();
        var console = Spectre.Console.AnsiConsole.Create(
            new Spectre.Console.AnsiConsoleSettings
            {
                Ansi = Spectre.Console.AnsiSupport.No,
                Out = new Spectre.Console.AnsiConsoleOutput(text),
            }
        );
        DoctorCommand.Print(
            console,
            [Finding.Red("a.b", "It is [broken].", "Mend it."), Finding.Yellow("c", "Odd.", "Look."), Finding.Green("d", "Well.")]
        );

        text.ToString().ShouldContain("It is [broken].");
        text.ToString().ShouldContain("→ Mend it.");
        text.ToString().ShouldContain("1 broken, 1 to look at.");
    }

    private static string Sound(string setting) =>
        setting switch
        {
            "server_version_num" => "170002",
            "max_connections" => "100",
            "superuser_reserved_connections" => "3",
            "server_encoding" => "UTF8",
            "default_transaction_read_only" or "in_hot_standby" => "off",
            "log_error_verbosity" => "terse",
            "log_statement" => "none",
            "log_min_duration_statement" or "log_min_duration_sample" => "-1",
            "log_parameter_max_length_on_error" => "0",
            _ => "on",
        };

    private TenetOptions Options() => new(_folder.FullName, _database) { MasterKey = new MasterKeyOptions(cluster.MasterKeyFile) };

    private Task<List<Finding>> ExamineAsync(TenetOptions? options = null) =>
        DoctorCommand.ExamineAsync(options ?? Options(), new Progress<string>(), _ct);

    private async Task<Finding> RedAsync(string check, TenetOptions options)
    {
        var finding = (await ExamineAsync(options)).Where(f => f.Check == check).ShouldHaveSingleItem();
        finding.Verdict.ShouldBe(Verdict.Red);
        finding.NextStep.ShouldNotBeNullOrEmpty();
        return finding;
    }

    private async Task RunAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_database);
        await connection.OpenAsync(_ct);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(_ct);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}
