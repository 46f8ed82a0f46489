using System.CommandLine;
using Spectre.Console;
using Tenet.Kernel.Http;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Postgres;

namespace Tenet.Commands;

/// <summary>The command line: <c>tenet --help</c> lists what stands here.</summary>
internal static class TenetCommands
{
    // A turn that streams and PostgreSQL's own shutdown fit in; after it the process ends by force.
    private static readonly TimeSpan TimeToStop = TimeSpan.FromSeconds(90);

    public static RootCommand Root() =>
        new("Tenet answers a business's visitors from its own pages, and keeps every conversation in one inbox.")
        {
            RunCommand.Create(),
            MigrateCommand.Create(),
            DoctorCommand.Create(),
            WorkspaceCommand.Create(),
            SignInLinkCommand.Create(),
            RemoveSecondFactorsCommand.Create(),
            CreditsCommand.Create(),
            EvalCommand.Create(),
            VerifyCommand.Create(),
            PolicyCommand.Create(),
            AuditCommand.Create(),
            CertificateCommand.Create(),
            ErasuresCommand.Create(),
            BreachCommand.Create(),
            CopilotCommand.Create(),
            Keys.KeysCommand.Create(),
        };

    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            return await Root()
                .Parse(args)
                .InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeToStop });
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
        catch (Exception expected) when (IsForPerson(expected))
        {
            await Console.Error.WriteLineAsync(expected is RuleException rules ? rules.Summary : expected.Message);
            return 1;
        }
    }

    // These carry their explanation; a stack trace would only hide it.
    private static bool IsForPerson(Exception exception) =>
        exception
            is PrivateClusterException
                or InvalidOperationException
                or RuleException
                or NotFoundException
                or ConflictException
                or PolicyFileException
        || exception is IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException };

    /// <summary>Shows what is being done while it lasts: a spinner on a terminal, lines elsewhere. On standard error: the output is the result's.</summary>
    public static Task<T> WithStatusAsync<T>(string first, Func<IProgress<string>, Task<T>> work) =>
        AnsiConsole
            .Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) })
            .Status()
            .StartAsync(first + " …", status => work(new StatusLine(status)));

    private sealed class StatusLine(StatusContext status) : IProgress<string>
    {
        public void Report(string value) => status.Status(Markup.Escape(value) + " …");
    }
}
