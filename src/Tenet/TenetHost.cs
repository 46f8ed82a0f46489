using System.Net;
using Microsoft.Extensions.Logging.Console;
using Tenet.Accounts;
using Tenet.Api;
using Tenet.Assistant;
using Tenet.Billing;
using Tenet.Demo;
using Tenet.Front;
using Tenet.Inbox;
using Tenet.Kernel;
using Tenet.Kernel.Http;
using Tenet.Kernel.Http.Limits;
using Tenet.Knowledge;
using Tenet.Odoo;
using Tenet.Privacy;
using Tenet.Shell;

namespace Tenet;

/// <summary>The composition: which modules there are, and in which order a request meets what they share.</summary>
internal static class TenetHost
{
    public static WebApplication Build(string[] args, TenetOptions options, Action<WebApplicationBuilder>? adjust = null)
    {
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions
            {
                Args = args,
                ApplicationName = "tenet",
                ContentRootPath = AppContext.BaseDirectory,
            }
        );
        builder.WebHost.UseStaticWebAssets();
        var certificate = options.Tls.Certificate is null ? null : new TlsCertificate(options.Tls, TimeProvider.System);
        builder.WebHost.ConfigureKestrel(kestrel => Listening.Configure(kestrel, options, certificate));
        builder
            .Logging.SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning)
            // A failed start is told by the command, in one sentence.
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        // One line each on a terminal; Logging__Console__FormatterName=json for a collector. Without a name the line's own options are ignored.
        builder.Services.PostConfigure<ConsoleLoggerOptions>(console =>
        {
            console.FormatterName ??= ConsoleFormatterNames.Simple;
            // What a command prints is its result; what it says beside goes the other way.
            if (!options.Background)
                console.LogToStandardErrorThreshold = LogLevel.Trace;
        });
        builder.Services.Configure<SimpleConsoleFormatterOptions>(console =>
            (console.SingleLine, console.TimestampFormat) = (true, "HH:mm:ss ")
        );

        builder.Services.AddKernel(options.Kernel());
        builder.Services.AddAccounts(new AccountsOptions(options.PublicUrl is { } url ? new Uri(url) : null));
        builder.Services.AddKnowledge();
        builder.Services.AddAssistant();
        builder.Services.AddInbox(options.VisitorLimits);
        builder.Services.AddBilling(options.Billing);
        builder.Services.AddOdoo(options.Copilot);
        builder.Services.AddPrivacy(options.Operator, options.Background);
        if (options.Demo)
            builder.Services.AddSingleton(_ => DemoSite.Load()).AddSingleton<DemoWorkspace>();
        builder.Services.AddConsoleShell();
        builder.Services.AddApiDocument();

        adjust?.Invoke(builder);
        var app = builder.Build();

        certificate?.LogTo(app.Services.GetRequiredService<ILogger<TlsCertificate>>());
        app.UseKernel();
        app.UseHttpsOnly(options);
        app.UseConsoleShell();
        app.UseInbox();
        app.UseOdoo();
        app.UsePrivacy();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.UseCallers();

        app.MapStaticAssets().AllowAnonymous().LimitedBy(RateGroup.Open);
        app.MapKernel();
        app.MapAccounts();
        app.MapKnowledge();
        app.MapAssistant();
        app.MapInbox();
        app.MapBilling();
        app.MapOdoo();
        app.MapPrivacy();
        if (options.Demo)
            app.Services.GetRequiredService<DemoSite>().Map(app);
        app.MapApiDocument();
        app.MapConsoleShell();
        app.Services.GetRequiredService<OwnHost>().IsReachedFromOutside = !IPAddress.IsLoopback(Listening.AddressOf(options.Listen));
        // Made once: each time that they are asked for, the sources compile their handlers anew.
        var endpoints = new Lazy<IReadOnlyList<Endpoint>>(() =>
            app.Services.GetRequiredService<EndpointDataSource>().Endpoints is { Count: > 0 } serving
                ? serving
                : [.. ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints)]
        );
        app.Services.GetRequiredService<OwnHost>().Endpoints = () => endpoints.Value;
        return app;
    }
}
