using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tenet.Kernel.Audit;
using Tenet.Kernel.Blobs;
using Tenet.Kernel.DataMaps;
using Tenet.Kernel.Doctoring;
using Tenet.Kernel.Events;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Arrival;
using Tenet.Kernel.Http.Limits;
using Tenet.Kernel.Http.Once;
using Tenet.Kernel.Jobs;
using Tenet.Kernel.Mail;
using Tenet.Kernel.Policies;
using Tenet.Kernel.Postgres;
using Tenet.Kernel.Subjects;
using Tenet.Kernel.Telemetry;
using Tenet.Kernel.Vault;
using Tenet.Kernel.Workspaces;

namespace Tenet.Kernel;

/// <summary>What the host must say before the kernel can stand.</summary>
public sealed record KernelOptions(DatabaseOptions Database, MasterKey MasterKey, AuditOptions Audit)
{
    public EgressOptions Egress { get; init; } = new();
    public MailOptions Mail { get; init; } = new();
    public JobOptions Jobs { get; init; } = new();

    /// <summary>How long a stopping host still takes requests after it has begun to tell load balancers that it is not ready.</summary>
    public TimeSpan LeaveNotice { get; init; }
    public RateLimitOptions RateLimits { get; init; } = new();
    public TelemetryOptions Telemetry { get; init; } = new();
    public PolicyOptions Policies { get; init; } = new();
    public ArrivalOptions Arrival { get; init; } = new();

    /// <summary>Off for commands that only look: no jobs, no relay, no pump.</summary>
    public bool Background { get; init; } = true;
}

public static class KernelModule
{
    public static IServiceCollection AddKernel(this IServiceCollection services, KernelOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options.Database).AddSingleton(options.Egress).AddSingleton(options.Mail);
        services.AddSingleton(_ => new KeyRing(options.MasterKey)).AddSingleton<KeyRingWatch>();
        services.AddTelemetry(options.Telemetry, options.Background);
        services.AddSingleton<Databases>().AddSingleton<Migrator>().AddSingleton<Census>();
        services.AddSingleton<WorkspaceScope>().AddSingleton<SystemScope>().AddSingleton<WorkspaceDirectory>();
        services.AddSingleton<Doctor>();
        services.AddSingleton<WorkspaceVault>().AddSingleton<InstallationVault>().AddSingleton<RefusedIdentifiers>();
        services.AddSingleton(options).AddHostedService<LeaveNotice>();
        // Requests, turns and jobs come to their ends one after the other, each within a limit of its own.
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(60));
        services.AddSingleton<EventHub>().AddSingleton<JobSignal>().AddSingleton<Mailer>();
        services.AddSingleton(p => new Egress(options.Egress, p.GetRequiredService<TimeProvider>())
        {
            Allowed = ct => p.GetRequiredService<PolicySettings>().OutgoingTransportAsync(ct),
        });
        services.AddSingleton<RecipientLedger>();
        services.AddArrivals(options.Arrival);
        services.AddAudit(options.Audit);
        services.AddSingleton(options.RateLimits).AddSingleton<RateWindows>().AddSingleton<RateGrants>().AddSingleton<RateLimits>();
        services.AddSingleton(provider => new SharedLimits(provider.GetRequiredService<RateWindows>()));
        services.AddPolicies(options.Policies);
        services.AddSingleton(p => new SubjectStore(
            "kernel.mail",
            "letters that wait or lie in the development mailbox opened, those to or about the person deleted",
            (workspace, person, ct) =>
                p.GetRequiredService<SystemScope>()
                    .RunAsync(
                        async system =>
                            (await p.GetRequiredService<Mailer>().FindAsync(system, workspace, person.Identifiers, ct)).LongCount(),
                        ct
                    ),
            (workspace, person, ct) =>
                p.GetRequiredService<Mailer>().ForgetAsync(p.GetRequiredService<SystemScope>(), workspace, person.Identifiers, ct)
        ));
        services.AddSingleton(p => new SubjectStore(
            "kernel.saved_answer",
            "the texts of all answers kept under idempotency keys taken out",
            (workspace, _, ct) =>
                p.GetRequiredService<WorkspaceScope>()
                    .RunAsync(workspace, Actor.System, ctx => p.GetRequiredService<SavedAnswers>().CountTextsAsync(ctx, ct), ct),
            (workspace, _, ct) =>
                p.GetRequiredService<WorkspaceScope>()
                    .RunAsync(workspace, Actor.System, ctx => p.GetRequiredService<SavedAnswers>().TakeOutTextsAsync(ctx, ct), ct)
        ));
        services.AddSingleton<SavedAnswers>().AddJob<ForgetAnswers>(ForgetAnswers.Kind, title: "Forget saved answers");
        services.AddSingleton(provider =>
        {
            var parts = provider.GetServices<Records>().ToList();
            return new DataMap(
                [.. parts.SelectMany(part => part.Tables)],
                parts.SelectMany(part => part.Rules).ToDictionary(rule => rule.Key, rule => rule.Value, StringComparer.Ordinal)
            );
        });
        services
            .AddSingleton<WorkspaceKeys>()
            .AddSingleton<RotateMasterKey>()
            .AddSingleton<KeyArchive>()
            .AddSingleton<KeyStatus>()
            .AddSingleton<KeyVerification>();
        services.AddJob<ResealWorkspace>(ResealWorkspace.Kind, title: "Seal again under a new key").AddSingleton<BlobStore>();
        services.AddRecords(records =>
            records
                .Add<Workspace>()
                .Add<Installation>()
                .Add<RootKeyRecord>()
                .Add<WorkspaceKey>()
                .Add<SubjectKey>()
                .Add<Blob>()
                .Add<BlobChunk>()
                .Add<Job>()
                .Add<Schedule>()
                .Add<OutboxEvent>()
                .Add<QueuedMail>()
                .Add<SavedAnswerRow>()
                .Add<RateWindowRow>()
                .Add<Restriction>()
                .Add<Objection>()
                .Add<StoppedPurpose>()
                .Add<RefusedIdentifier>()
                .Add<PurposeBasis>()
                .Rule("kernel.workspaces", "as long as the workspace is active")
                .Rule("kernel.installation", "as long as the installation exists")
                .Rule("vault.keys", "until destroyed or replaced; that they were, and when, as long as the workspace is known")
                .Rule("kernel.blobs", "as long as what they belong to; one that belongs to nothing for as long as the policy says")
                .Rule("kernel.jobs", "until done; failed jobs until they are retried or discarded")
                .Rule("kernel.events", "as long as the policy says")
                .Rule("kernel.mail", "until sent or given up, and then as long as the policy says")
                .Rule("kernel.saved_answers", "as long as the policy says")
                .Rule("kernel.rate_windows", "as long as the policy says")
                .Rule(Restrictions.Rule, "until they are lifted or the person is erased")
                .Rule(RefusedIdentifiers.Rule, "as long as the workspace is active, or until somebody is let in again: hashes only")
        );
        services.AddKernelClocks();
        if (options.Background)
        {
            if (options.Policies.Folder is not null)
            {
                services.AddHostedService<WorkspaceRounds>().AddHostedService<RetentionSweep>();
            }
            services.AddHostedService(provider => provider.GetRequiredService<KeyRingWatch>());
            services.AddHostedService(provider => provider.GetRequiredService<RecipientLedger>());
            services.AddSingleton(options.Jobs).AddSingleton<JobRunners>();
            // Stopped in the opposite order: the relay outlives the jobs, whose last events it carries.
            services.AddHostedService<EventRelay>().AddHostedService<JobWorker>().AddHostedService<MailPump>();
            services.AddHostedService(provider => provider.GetRequiredService<AuditSequencer>());
        }
        services.AddDataProtection().SetApplicationName("tenet");
        services
            .AddOptions<KeyManagementOptions>()
            .Configure<KeyRing>(
                (management, ring) => (management.XmlRepository, management.AutoGenerateKeys) = (new DerivedProtectionKeys(ring), false)
            );
        // Its scope would put the address of the request, which may hold a token, beside every line that is logged meanwhile.
        services.AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None));
        services.AddProblemDetails().AddExceptionHandler<Problems>();
        // What cannot be bound is thrown, in every environment, so that the answer names the field.
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.AddSingleton<IAntiforgery, OriginCheck>();
        services.AddAuthorization(Access.AddPolicies);
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.Configure<JsonOptions>(json =>
        {
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(System.Text.Json.JsonNamingPolicy.CamelCase));
        });
        return services;
    }

    /// <summary>Declares a module's tables and retention rules.</summary>
    public static IServiceCollection AddRecords(this IServiceCollection services, Action<Records> declare)
    {
        var records = new Records();
        declare(records);
        return services.AddSingleton(records);
    }

    /// <summary>Declares a module's EF context: <c>services.AddDb&lt;CrmDb&gt;(options => new CrmDb(options))</c>.</summary>
    public static IServiceCollection AddDb<T>(this IServiceCollection services, Func<DbContextOptions<T>, T> create)
        where T : ModuleDbContext => services.AddSingleton(new ModuleDatabase<T>(create));

    /// <summary>Declares a kind of job, its code, and what it does in the words of the console.</summary>
    public static IServiceCollection AddJob<T>(this IServiceCollection services, string kind, int maxAttempts = 8, string? title = null)
        where T : class, IJob =>
        services.AddScoped<T>().AddSingleton(new JobKind(kind, typeof(T)) { MaxAttempts = maxAttempts, Title = title });

    /// <summary>Schema, master key and data map must fit before anything is served.</summary>
    /// <exception cref="InvalidOperationException">They do not; the message says what to do.</exception>
    public static async Task PrepareAsync(this IServiceProvider services, CancellationToken ct)
    {
        var migrator = services.GetRequiredService<Migrator>();
        await migrator.MigrateAsync(ct);
        await services.GetRequiredService<Census>().DemandAsync(migrator.IsBehind, ct);
        await services.GetRequiredService<ShippedPolicies>().LayReadyAsync(ct);
    }

    public static void UseKernel(this IApplicationBuilder app)
    {
        app.UseMiddleware<RequestSpan>();
        app.UseMiddleware<RequestLog>();
        app.UseArrivals();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseRequestTimeouts();
        app.Use(app.ApplicationServices.GetRequiredService<RateLimits>().ByAddressAsync);
    }

    /// <summary>What is decided by who calls: after authentication and authorization.</summary>
    public static void UseCallers(this IApplicationBuilder app)
    {
        app.Use(app.ApplicationServices.GetRequiredService<RateLimits>().ByCallerAsync);
        app.UseMiddleware<IdempotencyKeys>();
    }

    public static void MapKernel(this IEndpointRouteBuilder app)
    {
        app.MapHealth();
        var services = app.ServiceProvider;
        if (MailSink.IsIn(services.GetRequiredService<MailOptions>(), services.GetRequiredService<ArrivalOptions>()))
        {
            app.MapMailSink();
        }
    }
}
